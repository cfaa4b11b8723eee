// Predict, then learn: before an event is learned, its item is ranked among 100 items drawn uniformly from those
// the user does not have at that moment (a future positive may be among them); mid-rank for ties. The model and
// its opponents meet the same draws, which have a generator of their own and depend on the data only.
// Items nobody has taken before are counted apart and not scored: they cannot be recommended yet.
//
// Opponents that need nothing but counts are here: popularity (all events) and recent (the last 1,000 events).

import type { ScoreItems } from '../learn/part.ts'
import { type QualitySums, type Segment, segments } from '../messages.ts'
import type { Positives } from '../remember/positives.ts'
import type { Random } from '../sample/random.ts'
import { type Bins, createBins, createRecentSums } from './bins.ts'
import { hitAt, midRank, ndcgAt } from './metrics.ts'

const opponents = 100
const listLength = 10
const knownItemsMin = 150
const drawsMax = 20_000
const coldEvents = 5
const recentEvents = 1_000
const windowEvents = 2_000

export interface Prequential {
  /**
   * Ranks the arriving item for the user, who has `earlier` positives, by each of the scorers in the order of
   * their names. Once per valid event, before it changes anything; `scored` false: only counted (a repeat).
   */
  predict(
    user: number,
    item: number,
    earlier: number,
    scored: boolean,
    scorers: readonly ScoreItems[],
  ): void
  /** Counts an event that was learned. */
  observe(item: number): void
  /** Who is ranked, in the order of the ranks told of. */
  readonly rankers: readonly string[]
  quality(): Record<Segment, Record<string, QualitySums>>
  popularity(item: number): number
  readonly unscored: number
  save(): Map<string, Float64Array>
  restore(state: ReadonlyMap<string, Float64Array>): void
}

/** Told of each scored event: the user's earlier positives and the mid-rank (from 0) by ranker. Read it at once. */
export type OnRanks = (earlier: number, ranks: Float64Array) => void

/** `names` of the scorers that predict() will be given. */
export function createPrequential(
  positives: Positives,
  random: Random,
  names: readonly string[],
  onRanks?: OnRanks,
): Prequential {
  const rankers = [...names, 'popularity', 'recent']
  // Per ranker hits and ndcg, then the number of events scored; the same again for cold users.
  const half = 2 * rankers.length + 1
  const items = new Int32Array(1 + opponents)
  const scores = new Float32Array(1 + opponents)
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
    for (let tries = 0; tries < drawsMax && found < opponents; ) {
      // As many as are missing, so that the generator gives no more than are needed.
      const first = found + 1
      const end = Math.min(1 + opponents, first + drawsMax - tries)
      random.fill(known, items, first, end - first)
      tries += end - first
      for (let x = first; x < end; x++) {
        const j = items[x]!
        if (j === item || seen[j] === now || positives.has(user, j)) continue
        seen[j] = now
        items[++found] = j
      }
    }
    return found === opponents
  }

  function grow(size: number): void {
    if (size <= counts.length) return
    counts = grown(counts, size)
    recent = grown(recent, size)
  }

  const byCount: readonly ScoreItems[] = [
    (of, out) => lookUp(counts, of, out),
    (of, out) => lookUp(recent, of, out),
  ]

  return {
    rankers,
    predict(user, item, earlier, scored, scorers) {
      values.fill(0)
      const isNew = item >= positives.items
      if (!scored) {
        bins.add(values)
        return
      }
      if (isNew || !draw(user, item)) {
        unscored++
        bins.add(values)
        return
      }
      for (let r = 0; r < rankers.length; r++) {
        const scorer = scorers[r] ?? byCount[r - scorers.length]!
        scorer(items, scores)
        const rank = midRank(scores)
        ranks[r] = rank
        values[2 * r] = hitAt(rank, listLength)
        values[2 * r + 1] = ndcgAt(rank, listLength)
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
