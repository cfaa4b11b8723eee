// Whom to compare at all, where a network can foresee: of many candidates those that are best to first order, a few
// times more than will be kept, since a line is not the tower.

/** So many times the candidates that are kept are compared with the anchor. */
export const foreseenTimes = 8

const bins = 1_024
const counts = new Int32Array(bins)

/**
 * Keeps, in their order, the items of order[0…m-1] whose scores are in the upper bins that hold at least `least` of
 * them; returns how many. Without finite scores that differ all are kept.
 */
export function keepForeseen(
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
