// The anchor that a scan starts from. Few items should beat it, because the scan continues from there; but more items
// than the list has places, or the scan must be repeated from the start. A sample of the items is ranked to find one.
//
// Symbols: M candidates, S sampled, K length of the list, r the anchor.

import type { PairwiseRanker } from '../ports/engine.ts'

/** S = ⌈1.5·√M⌉: the sample costs little, and about 2·√M items beat the third of it. */
const sampledPerRoot = 1.5
/** The anchor's place in the sample: this, plus the share of the sample that corresponds to twice the list. */
const placesMin = 3

/**
 * The item of order[0…m-1] that is the t-th of an even sample of them by z(i, first of the sample); -1 without
 * candidates. It depends only on the model, the user and the candidates.
 */
export function chooseAnchor(
  order: Int32Array,
  m: number,
  k: number,
  pairwise: Pick<PairwiseRanker, 'compareWith'>,
): { anchor: number; comparisons: number } {
  if (m === 0) return { anchor: -1, comparisons: 0 }
  const s = Math.ceil(sampledPerRoot * Math.sqrt(m))
  const t = Math.min(s, placesMin + Math.floor((2 * k * s) / m))
  const sample = Int32Array.from({ length: s }, (_, x) => order[Math.floor(((x + 0.5) * m) / s)]!)
  const logits = new Float32Array(s)
  pairwise.compareWith(sample[0]!, sample, s, logits)
  const best = Array.from(sample.keys()).sort((x, y) => logits[y]! - logits[x]! || x - y)
  return { anchor: sample[best[t - 1]!]!, comparisons: Math.ceil(s / 2) }
}
