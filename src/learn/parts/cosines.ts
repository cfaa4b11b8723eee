// The features that neighbours.ts makes of the cosines of some items with the items of a history. Those of a whole
// catalogue: see sparse-sums.ts.

import type { CountSums } from '../../ports/catalogue.ts'

/** The numbers of the array and zeros behind them. */
interface Counts {
  /** out[x] = count(from → partners[x]) */
  counts(from: number, partners: Int32Array, out: Int32Array): void
}

/** What there are features of: see NeighbourOptions. */
export interface LagFeatures {
  readonly lagEnds: readonly number[]
  readonly hasLargest: boolean
}

/** How soon more of a cosine tells little more. */
export const bent = 10

export function bend(cosine: number): number {
  return (bent * cosine) / (1 + bent * cosine)
}

/** By the lags that they end at; the sum over the whole window has the name of the part. */
export function namesOf({ lagEnds, hasLargest }: LagFeatures): string[] {
  const lags = lagEnds.map((end) => `neighbours.lag${end}`)
  const largest = hasLargest ? ['neighbours.largest', 'neighbours.second'] : []
  return [...lags, 'neighbours', ...largest]
}

/**
 * With v_l = roots[history[l]] / unit · count(history[l] → items[x]), n items and B ends: out[b·n + x] = Σ v_l over
 * ends[b-1] ≤ l < ends[b], out[B·n + x] the largest v_l and out[(B+1)·n + x] the next, 0 where there is none.
 */
export function sumLags(
  co: Counts,
  history: Int32Array,
  roots: Float32Array,
  ends: Int32Array,
  items: Int32Array,
  found: CountSums,
  out: Float64Array,
  unit = 1,
): void {
  const n = items.length
  found.clear(n)
  let l = 0
  for (let b = 0; b < ends.length; b++) {
    for (const last = Math.min(history.length, ends[b]!); l < last; l++) {
      co.counts(history[l]!, items, found.counts)
      found.add(n, (roots[history[l]!] ?? 0) / unit, 1)
    }
    take(found.sums, n, out, b * n)
    found.sums.fill(0, 0, n)
  }
  take(found.largest, n, out, ends.length * n)
  take(found.second, n, out, (ends.length + 1) * n)
}

function take(from: Float64Array, n: number, out: Float64Array, at: number): void {
  for (let x = 0; x < n; x++) out[at + x] = from[x]!
}

/**
 * Turns what sumLags() found for the items into features: every row times scales[item]; the last sum becomes that of
 * all, which stands for the lags without a feature of their own; the two largest are bent.
 */
export function finishFeatures(
  found: Float64Array,
  bins: number,
  items: Int32Array,
  scales: Float32Array,
): void {
  const n = items.length
  for (let x = 0; x < n; x++) {
    const scale = scales[items[x]!] ?? 0
    let all = 0
    for (let at = x; at < bins * n; at += n) {
      found[at]! *= scale
      all += found[at]!
    }
    found[(bins - 1) * n + x] = all
    found[bins * n + x] = bend(scale * found[bins * n + x]!)
    found[(bins + 1) * n + x] = bend(scale * found[(bins + 1) * n + x]!)
  }
}
