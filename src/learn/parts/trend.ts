// The part that follows popularity: for each item and each of several half-lives, a count of its events that halves
// whenever that many events of the stream have passed. Nothing is trained; the fusion learns a weight per half-life.
//
// Feature k of item i: ln(1 + n_i^(k)), n_i^(k) = Σ over the item's events of weight · 2^(-events since / half-life k).
//
// What is stored is c_i^(k) = Σ 2^(events before / half-life k): an arriving event grows one count and leaves the
// others as they are, and n = c · 2^(-events so far / half-life k) takes one power for all items. Before c outgrows a
// double, all counts are brought down to a new base.

import { longer } from '../../arrays.ts'
import type { Catalogue } from '../../ports/catalogue.ts'
import { ChangedRows, liveState, vectors } from '../../ports/live-state.ts'
import type { Part } from '../part.ts'
import { createStagedTrend, type TrendCounts } from './staged-trend.ts'

/** Powers of two that a count may be ahead of the base; doubles end at 1,023. */
const aheadMax = 512

/** `catalogue`: takes the logarithms, where an engine has a faster way. */
export function createTrend(halfLives: readonly number[], catalogue?: Catalogue): Part {
  const kinds = halfLives.length
  let counts: Float64Array = new Float64Array(1024 * kinds)
  const changed = new ChangedRows(1)
  /** Events since the base of each kind; 2^(ahead/half-life) is what an event counts now. */
  const ahead = new Float64Array(kinds)
  const shrink = new Float64Array(kinds)
  /** Items whose logarithms the catalogue has computed since the last event; all lists of a round share them. */
  let made = -1
  let events = 0
  /** Events for which `shrink` holds. */
  let shrunkAt = -1
  let tell: (item: number | undefined) => void = () => undefined

  function grow(items: number): void {
    if (items * kinds <= counts.length) return
    counts = longer(counts, Math.max(items * kinds, 2 * counts.length))
  }

  function rebase(k: number): void {
    const down = Math.exp((-ahead[k]! * Math.LN2) / halfLives[k]!)
    for (let at = k; at < counts.length; at += kinds) counts[at]! *= down
    ahead[k] = 0
    changed.markAll()
  }

  function clear(item: number): void {
    counts.fill(0, item * kinds, (item + 1) * kinds)
    changed.mark(item)
    tell(item)
  }

  /** The newest event is one step old when the next one is predicted. */
  function setShrink(): void {
    if (shrunkAt === events) return
    shrunkAt = events
    for (let k = 0; k < kinds; k++) shrink[k] = 2 ** (-(ahead[k]! + 1) / halfLives[k]!)
  }

  const own: TrendCounts = {
    halfLives,
    get counts() {
      return counts
    },
    shrink() {
      // Whoever asks takes logarithms of other items.
      made = -1
      setShrink()
      return shrink
    },
    get events() {
      return events
    },
    watch(observed) {
      tell = observed
    },
  }

  const shape = () => [counts.length / kinds, kinds]
  const table = () => [['trend.counts', { shape: shape(), data: counts }]] as const
  const rest = () => vectors('trend', { ahead: ahead.slice() })

  return {
    name: 'trend',
    features: halfLives.map((halfLife) => `trend.${halfLife}`),
    start: halfLives.map(() => 0),
    isScaled: true,
    score(_moment, items, out, offset) {
      setShrink()
      const n = items.length
      takeCounts(counts, shrink, items, out, offset)
      const from = offset * n
      if (catalogue !== undefined) catalogue.log1p(out, from, n * kinds)
      else for (let at = from; at < from + n * kinds; at++) out[at] = Math.log(1 + out[at]!)
    },
    addAll(_moment, n, weights, sums) {
      setShrink()
      const known = Math.min(n, counts.length / kinds)
      if (catalogue === undefined) {
        addLogs(counts.subarray(0, known * kinds), shrink, weights, sums)
        return
      }
      sums.set(catalogue.logs(counts, known, shrink, weights, sums, made === known))
      made = known
    },
    staged: catalogue === undefined ? undefined : createStagedTrend(own, catalogue),
    observe(_moment, item, weight = 1) {
      made = -1
      events++
      tell(item)
      grow(item + 1)
      changed.mark(item)
      for (let k = 0; k < kinds; k++) {
        ahead[k]!++
        if (ahead[k]! / halfLives[k]! > aheadMax) rebase(k)
        counts[item * kinds + k]! += weight * Math.exp((ahead[k]! * Math.LN2) / halfLives[k]!)
      }
    },
    dropItems(gone) {
      made = -1
      for (let item = 0; item < gone.length; item++) if (gone[item] === 1) clear(item)
    },
    get bytes() {
      return counts.byteLength
    },
    state: liveState(changed, () => counts.length / kinds, table, rest),
    restore(tensors) {
      const saved = tensors.get('trend.counts')?.data
      if (saved === undefined) return
      grow(saved.length / kinds)
      made = -1
      shrunkAt = -1
      tell(undefined)
      counts.set(saved)
      ahead.set(tensors.get('trend.ahead')?.data ?? [])
    },
  }
}

/** sums[i] += Σ_k weights[k] · ln(1 + n_i^(k)) */
function addLogs(
  counts: Float64Array,
  shrink: Float64Array,
  weights: Float32Array,
  sums: Float32Array,
): void {
  const kinds = shrink.length
  for (let at = 0; at < counts.length; at++) {
    const weight = weights[at % kinds]!
    sums[(at / kinds) | 0]! += weight * Math.log(1 + counts[at]! * shrink[at % kinds]!)
  }
}

/** out[(offset + k) · n + x] = n^(k) of items[x], for n items. */
function takeCounts(
  counts: Float64Array,
  shrink: Float64Array,
  items: Int32Array,
  out: Float32Array,
  offset: number,
): void {
  const [n, kinds, end] = [items.length, shrink.length, counts.length]
  let at = offset * n
  for (let k = 0; k < kinds; k++) {
    const by = shrink[k]!
    for (let x = 0; x < n; x++) {
      const from = items[x]! * kinds + k
      out[at++] = from < end ? counts[from]! * by : 0
    }
  }
}
