// Predict, then learn: before an event is learned, its item is ranked among 100 items drawn uniformly from those the
// user does not have at that moment (a future positive may be among them), with the mid-rank for ties. The model and
// the baselines are ranked on the same draws, which have a generator of their own and depend on the data only. Items
// that nobody has had before are counted apart and not scored: they cannot be recommended yet.
//
// The baselines popularity (all events) and recent (the newest 1,000 events) are ranked on every stream.

import type { Moment, ScoreItems } from '../learn/part.ts'
import { type QualitySums, type Segment, segments } from '../messages.ts'
import type { Positives } from '../remember/positives.ts'
import type { Random } from '../sample/random.ts'
import { SharedDraws } from '../sample/shared-draws.ts'
import { type Bins, binCount, createBins } from './bins.ts'
import { hitAt, midRank, ndcgAt } from './metrics.ts'
import { createPopularity } from './popularity.ts'
import { createRecentSums } from './recent-sums.ts'
import { createSampledItems, sampledNegatives } from './sampled-items.ts'
import { inColumns, namesAsNumbers, savedColumns } from './saved-columns.ts'

const listLength = 10
const coldEvents = 5
const windowEvents = 2_000

export interface Prequential {
  /**
   * Ranks the arriving item for the user, who has `earlier` positives. To be called once per valid event, before it
   * changes anything. Without `score` the event is only counted: a repeat, or one that is not measured.
   */
  predict(user: number, item: number, earlier: number, score: ScoreAll | undefined): void
  /** Counts an event that was learned, as this much of one. */
  observe(item: number, weight?: number): void
  /** The names of all that are ranked, in the order in which onRanks gets their ranks. */
  readonly rankers: readonly string[]
  quality(): Record<Segment, Record<string, QualitySums>>
  popularity(item: number): number
  /** Items with a 1 were never observed. */
  dropItems(gone: Uint8Array): void
  readonly unscored: number
  /** Counts one that would be measured, had an earlier event not taken its item out of the user's lists. */
  leaveOut(): void
  /** Of these, since the start. */
  readonly leftOut: number
  save(): Map<string, Float64Array>
  restore(state: ReadonlyMap<string, Float64Array>): void
}

/** For each of the names the scores of the items: the arriving one, then the sampled negatives. */
export type ScoreAll = (items: Int32Array) => readonly Float32Array[]

/** Called for each scored event with the user's earlier positives and each ranker's mid-rank (from 0): copy to keep. */
export type OnRanks = (earlier: number, ranks: Float64Array) => void

export interface PrequentialOptions {
  readonly onRanks?: OnRanks | undefined
  /** Of the newest events, which quality() calls the window, for one user. */
  readonly userShareMax?: number
  /** Ids of items may be known before anybody has taken them, as by an update log: nothing can predict those. */
  readonly isShared?: boolean
  /** The item is ranked among any others, also those that the user has. */
  readonly repeats?: boolean
  /** Draws that several events of a large catalogue are measured among. */
  readonly shared?: SharedDraws
}

/** `names`: what the columns of scores are that predict() gets. */
export function createPrequential(
  positives: Positives,
  random: Random,
  names: readonly string[],
  options: PrequentialOptions = {},
): Prequential {
  const { onRanks, userShareMax, isShared = false, repeats = false } = options
  const { shared = new SharedDraws() } = options
  const rankers = [...names, 'popularity', 'recent']
  // Per ranker hits and ndcg, then the number of events scored; the same again for cold users.
  const half = 2 * rankers.length + 1
  const scores = new Float32Array(1 + sampledNegatives)
  const values = new Float64Array(2 * half)
  const ranks = new Float64Array(rankers.length)
  const bins = createBins(2 * half)
  const window = createRecentSums(half, windowEvents, userShareMax)
  const sampledItems = createSampledItems(positives, random, repeats, shared)
  const popularity = createPopularity()
  let unscored = 0
  let leftOut = 0

  function addRank(r: number, of: Float32Array): void {
    const rank = midRank(of)
    ranks[r] = rank
    values[2 * r] = hitAt(rank, listLength)
    values[2 * r + 1] = ndcgAt(rank, listLength)
  }

  return {
    rankers,
    predict(user, item, earlier, score) {
      values.fill(0)
      shared.begin(random, positives.items)
      if (score === undefined) {
        bins.add(values)
        return
      }
      const isKnown = item < positives.items && !(isShared && popularity.count(item) === 0)
      const items = isKnown ? sampledItems(user, item) : undefined
      if (items === undefined) {
        unscored++
        bins.add(values)
        return
      }
      const columns = score(items)
      for (let r = 0; r < names.length; r++) addRank(r, columns[r]!)
      popularity.scoreAll(items, scores)
      addRank(names.length, scores)
      popularity.scoreRecent(items, scores)
      addRank(names.length + 1, scores)
      values[half - 1] = 1
      if (earlier < coldEvents) values.copyWithin(half, 0, half)
      bins.add(values)
      window.add(user, values)
      onRanks?.(earlier, ranks)
    },
    observe: popularity.observe,
    quality: () => qualityOf(rankers, bins, window.sums()),
    popularity: popularity.count,
    dropItems: popularity.dropItems,
    get unscored() {
      return unscored
    },
    leaveOut: () => void leftOut++,
    get leftOut() {
      return leftOut
    },
    save() {
      const { counts, newest } = popularity.save()
      return new Map([
        ['prequential.rankers', namesAsNumbers(rankers)],
        ['prequential.bins', bins.save()],
        ['prequential.window', window.save()],
        ['prequential.windowPlaces', window.savePlaces()],
        ['prequential.counts', counts],
        ['prequential.recent', newest],
        ['prequential.facts', Float64Array.of(popularity.observed, unscored)],
        ...(shared.isInUse ? [['prequential.shared', shared.save()] as const] : []),
      ])
    },
    restore(state) {
      const read = (what: string) => state.get(`prequential.${what}`) ?? new Float64Array(0)
      const columns = savedColumns(rankers, read('rankers'))
      bins.restore(inColumns(read('bins'), 2, binCount, columns, 2))
      const newest = inColumns(read('window'), 1, windowEvents, columns, 1)
      window.restore(newest, newest.length > 0 ? read('windowPlaces') : newest)
      const [observed = 0, unscoredBefore = 0] = read('facts')
      unscored = unscoredBefore
      popularity.restore(read('counts'), read('recent'), observed)
      shared.restore(read('shared'))
    },
  }
}

function qualityOf(
  rankers: readonly string[],
  bins: Bins,
  window: Float64Array,
): Record<Segment, Record<string, QualitySums>> {
  const half = 2 * rankers.length + 1
  const all = bins.since(0)
  const late = bins.since(0.7)
  const warm = late.subarray(0, half).map((value, k) => value - late[half + k]!)
  const from: Record<Segment, Float64Array> = {
    all,
    last30: late,
    cold: late.subarray(half),
    warm,
    window,
  }
  const result = {} as Record<Segment, Record<string, QualitySums>>
  for (const segment of segments) {
    const sums = from[segment]
    result[segment] = {}
    rankers.forEach((ranker, r) => {
      const [hits = 0, ndcg = 0] = sums.subarray(2 * r, 2 * r + 2)
      result[segment][ranker] = { events: sums[half - 1]!, hits, ndcg }
    })
  }
  return result
}

/** A recommender that is ranked beside the model on the same draws and takes no part in the model's score. */
export interface Baseline {
  readonly name: string
  /** Scores from what was observed before that moment. */
  readonly score: ScoreItems
  /** Takes note of an event that has been ranked and is in the user's positive set by now. */
  observe(moment: Moment, item: number): void
}

export type MakeBaseline = (positives: Positives) => Baseline
