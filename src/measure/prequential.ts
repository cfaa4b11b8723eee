// Predict, then learn: before an event is learned, its item is ranked among 100 items drawn uniformly from those the
// user does not have at that moment (a future positive may be among them), with the mid-rank for ties. The model and
// the baselines are ranked on the same draws, which have a generator of their own and depend on the data only. Items
// that nobody has had before are counted apart and not scored: they cannot be recommended yet.
//
// The baselines that need nothing but counts are here: popularity (all events) and recent (the last 1,000 events).

import { type QualitySums, type Segment, segments } from '../messages.ts'
import type { Positives } from '../remember/positives.ts'
import type { Random } from '../sample/random.ts'
import { type Bins, createBins, createRecentSums } from './bins.ts'
import { hitAt, midRank, ndcgAt } from './metrics.ts'

const sampledNegatives = 100
const listLength = 10
const knownItemsMin = 150
const drawsMax = 20_000
const coldEvents = 5
const recentEvents = 1_000
const windowEvents = 2_000

export interface Prequential {
  /**
   * Ranks the arriving item for the user, who has `earlier` positives. To be called once per valid event, before it
   * changes anything. Without `score` the event is only counted: a repeat, or one that is not measured.
   */
  predict(user: number, item: number, earlier: number, score: ScoreAll | undefined): void
  /** Counts an event that was learned. */
  observe(item: number): void
  /** The names of all that are ranked, in the order in which onRanks gets their ranks. */
  readonly rankers: readonly string[]
  quality(): Record<Segment, Record<string, QualitySums>>
  popularity(item: number): number
  readonly unscored: number
  save(): Map<string, Float64Array>
  restore(state: ReadonlyMap<string, Float64Array>): void
}

/** For each of the names the scores of the items: the arriving one, then the sampled negatives. */
export type ScoreAll = (items: Int32Array) => readonly Float32Array[]

/** Called for each scored event with the user's earlier positives and each ranker's mid-rank (from 0): copy to keep. */
export type OnRanks = (earlier: number, ranks: Float64Array) => void

/** `names`: what the columns of scores are that predict() gets. */
export function createPrequential(
  positives: Positives,
  random: Random,
  names: readonly string[],
  onRanks?: OnRanks,
): Prequential {
  const rankers = [...names, 'popularity', 'recent']
  // Per ranker hits and ndcg, then the number of events scored; the same again for cold users.
  const half = 2 * rankers.length + 1
  const items = new Int32Array(1 + sampledNegatives)
  const scores = new Float32Array(1 + sampledNegatives)
  const values = new Float64Array(2 * half)
  const ranks = new Float64Array(rankers.length)
  const bins = createBins(2 * half)
  const window = createRecentSums(half, windowEvents)
  let stamps = new Int32Array(1024)
  let stamp = 0
  let counts = new Float32Array(1024)
  let recent = new Float32Array(1024)
  const last = new Int32Array(recentEvents)
  let observed = 0
  let unscored = 0

  function draw(user: number, item: number): boolean {
    const known = positives.items
    if (known < knownItemsMin) return false
    if (stamps.length < known) stamps = new Int32Array(2 * known)
    stamp++
    const [seen, now] = [stamps, stamp]
    items[0] = item
    let found = 0
    for (let tries = 0; tries < drawsMax && found < sampledNegatives; ) {
      // As many as are missing, so that the generator gives no more than are needed.
      const first = found + 1
      const end = Math.min(1 + sampledNegatives, first + drawsMax - tries)
      random.fill(known, items, first, end - first)
      tries += end - first
      for (let x = first; x < end; x++) {
        const j = items[x]!
        if (j === item || seen[j] === now || positives.has(user, j)) continue
        seen[j] = now
        items[++found] = j
      }
    }
    return found === sampledNegatives
  }

  function grow(size: number): void {
    if (size <= counts.length) return
    counts = grown(counts, size)
    recent = grown(recent, size)
  }

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
      if (score === undefined) {
        bins.add(values)
        return
      }
      const isNew = item >= positives.items
      if (isNew || !draw(user, item)) {
        unscored++
        bins.add(values)
        return
      }
      const columns = score(items)
      for (let r = 0; r < names.length; r++) addRank(r, columns[r]!)
      for (const [k, table] of [counts, recent].entries()) {
        lookUp(table, items, scores)
        addRank(names.length + k, scores)
      }
      values[half - 1] = 1
      if (earlier < coldEvents) values.copyWithin(half, 0, half)
      bins.add(values)
      window.add(values)
      onRanks?.(earlier, ranks)
    },
    observe(item) {
      grow(item + 1)
      counts[item]!++
      recent[item]!++
      if (observed >= recentEvents) recent[last[observed % recentEvents]!]!--
      last[observed % recentEvents] = item
      observed++
    },
    quality: () => qualityOf(rankers, bins, window.sums()),
    popularity: (item) => counts[item] ?? 0,
    get unscored() {
      return unscored
    },
    save: () =>
      new Map([
        ['prequential.bins', bins.save()],
        ['prequential.window', window.save()],
        ['prequential.counts', Float64Array.from(counts)],
        ['prequential.recent', Float64Array.from(last)],
        ['prequential.facts', Float64Array.of(observed, unscored)],
      ]),
    restore(state) {
      bins.restore(state.get('prequential.bins') ?? new Float64Array(0))
      window.restore(state.get('prequential.window') ?? new Float64Array(0))
      const savedCounts = state.get('prequential.counts') ?? new Float64Array(0)
      grow(savedCounts.length)
      counts.set(savedCounts)
      last.set(state.get('prequential.recent') ?? [])
      ;[observed = 0, unscored = 0] = state.get('prequential.facts') ?? []
      for (let k = 0; k < Math.min(observed, recentEvents); k++) recent[last[k]!]!++
    },
  }
}

function lookUp(table: Float32Array, items: Int32Array, out: Float32Array): void {
  for (let x = 0; x < items.length; x++) out[x] = table[items[x]!] ?? 0
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

function grown(array: Float32Array, size: number): Float32Array<ArrayBuffer> {
  const more = new Float32Array(Math.max(size, 2 * array.length))
  more.set(array)
  return more
}
