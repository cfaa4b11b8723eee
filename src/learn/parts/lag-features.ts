// The features that neighbours.ts makes of counts: their names, and from sums over lags to cosines.

/** What there are features of: see NeighbourOptions. */
export interface LagFeatures {
  readonly lagEnds: readonly number[]
  readonly hasLargest: boolean
}

/** How soon more of a cosine tells little more. */
const bent = 10

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
 * Turns what SlotLookup.sum() found for the items into features: every row times scales[item]; the last sum becomes
 * that of all, which stands for the lags without a feature of their own; the two largest are bent.
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
