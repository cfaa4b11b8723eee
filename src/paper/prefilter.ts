// Which of many candidates are compared at all, where the network can estimate their scores: those with the highest
// estimates, several times more than will be kept, because an estimate to first order is not the tower itself.

/** How many times more candidates are compared with the anchor than will be kept. */
export const prefilterFactor = 8

const bins = 1_024
const counts = new Int32Array(bins)

/**
 * Keeps, in their order, the items of order[0…m-1] whose scores are in the upper bins that hold at least `least` of
 * them; returns how many. All are kept where the scores are not finite or do not differ.
 */
export function keepHighest(
  order: Int32Array,
  scores: Float32Array,
  m: number,
  least: number,
): number {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let x = 0; x < m; x++) {
    const score = scores[x]!
    if (!(score >= low)) low = score
    if (!(score <= high)) high = score
  }
  const scale = (bins - 1) / (high - low)
  if (m <= least || !(scale > 0 && scale < Number.POSITIVE_INFINITY)) return m
  counts.fill(0)
  for (let x = 0; x < m; x++) counts[((scores[x]! - low) * scale) | 0]!++
  let bin = bins
  for (let above = 0; bin > 0 && above < least; ) above += counts[--bin]!
  let kept = 0
  for (let x = 0; x < m; x++) {
    if ((((scores[x]! - low) * scale) | 0) >= bin) order[kept++] = order[x]!
  }
  return kept
}
