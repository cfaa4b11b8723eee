// The anchor that a scan begins from. Few items should beat it, since the scan goes on from there; but more than the
// list is long, or the scan must be done from the start after all. A sample says where such an item stands.
//
// Symbols: M candidates, S sampled, K length of the list, r the anchor.

import type { PairwiseRanker } from '../ports/engine.ts'

/** S = ⌈1.5·√M⌉: the sample costs little, and about 2·√M items beat the third of it. */
const sampledPerRoot = 1.5
/** Place in the sample: so many, and as many again as the sample should hold of twice the list. */
const placesMin = 3

/**
 * The item of order[0…m-1] that is the t-th of an even sample of them by z(i, first of the sample); -1 without
 * candidates. Depends on the model, the user and the candidates alone.
 */
export function choosePivot(
  order: Int32Array,
  m: number,
  k: number,
  pairwise: Pick<PairwiseRanker, 'compareWith'>,
): { pivot: number; comparisons: number } {
  if (m === 0) return { pivot: -1, comparisons: 0 }
  const s = Math.ceil(sampledPerRoot * Math.sqrt(m))
  const t = Math.min(s, placesMin + Math.floor((2 * k * s) / m))
  const sample = Int32Array.from({ length: s }, (_, x) => order[Math.floor(((x + 0.5) * m) / s)]!)
  const logits = new Float32Array(s)
  pairwise.compareWith(sample[0]!, sample, s, logits)
  const best = Array.from(sample.keys()).sort((x, y) => logits[y]! - logits[x]! || x - y)
  return { pivot: sample[best[t - 1]!]!, comparisons: Math.ceil(s / 2) }
}
