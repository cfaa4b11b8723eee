// The measures of ranking, for the offline protocols and for predict-then-learn alike: mid-rank, HR@K, NDCG@K (one
// relevant item), recall against a known truth, means with standard errors. No I/O and no random draws.

import type { QualitySums } from '../messages.ts'

/**
 * Zero-based rank of candidate 0 among the first `count` scores: those above it, plus half of those
 * equal to it, so that a model which gives everything the same score ends up in the middle, not on top. A score
 * that is not a number never helps: of candidate 0 it gives the last rank, of another one it counts as above.
 */
export function midRank(scores: ArrayLike<number>, count = scores.length): number {
  const own = scores[0]!
  // Which scores are above cannot be foretold, so nothing branches on it.
  let notBelow = 0
  let equal = 0
  for (let x = 1; x < count; x++) {
    const other = scores[x]!
    notBelow = (notBelow + Number(!(other < own))) | 0
    equal = (equal + Number(other === own)) | 0
  }
  return notBelow - equal / 2
}

/** 1 when the zero-based rank is among the first k, else 0; a tie across the border (k - ½) is outside. */
export function hitAt(rank: number, k: number): number {
  return rank <= k - 1 ? 1 : 0
}

/** NDCG@k with one relevant item at a zero-based rank (may be a mid-rank): ln 2 / ln(rank + 2). */
export function ndcgAt(rank: number, k: number): number {
  return rank <= k - 1 ? Math.LN2 / Math.log(rank + 2) : 0
}

export function newQuality(): QualitySums {
  return { events: 0, hits: 0, ndcg: 0 }
}

/** Counts one scored event. */
export function addRank(sums: QualitySums, rank: number, k = 10): void {
  sums.events++
  sums.hits += hitAt(rank, k)
  sums.ndcg += ndcgAt(rank, k)
}

/** HR@10 and NDCG@10 averaged over events or users; null where there was nothing to measure. */
export interface Quality {
  readonly hr10: number | null
  readonly ndcg10: number | null
}

export interface QualityWithError extends Quality {
  /** Standard error of hr10: √(hr10(1-hr10)/events). */
  readonly se: number | null
}

export function qualityOf({ events, hits, ndcg }: Readonly<QualitySums>): QualityWithError {
  if (events === 0) return { hr10: null, ndcg10: null, se: null }
  const hr10 = hits / events
  return { hr10, ndcg10: ndcg / events, se: Math.sqrt((hr10 * (1 - hr10)) / events) }
}

/** A share as .1234 with this many digits; «–» where nothing was measured. */
export function shareText(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined) return '–'
  return value.toFixed(digits).replace(/^0(?=\.)/, '')
}

/** Share of the true items that the list holds. 1 for an empty truth: there was nothing to find. */
export function recall(list: readonly string[], truth: readonly string[]): number {
  if (truth.length === 0) return 1
  const listed = new Set(list)
  return truth.filter((item) => listed.has(item)).length / truth.length
}

export interface Mean {
  readonly mean: number
  /** Standard error of the mean, from the sample's own spread; 0 for fewer than two values. */
  readonly se: number
  readonly count: number
}

export function meanOf(values: ArrayLike<number>): Mean {
  const count = values.length
  let sum = 0
  for (let x = 0; x < count; x++) sum += values[x]!
  const mean = count === 0 ? 0 : sum / count
  let squares = 0
  for (let x = 0; x < count; x++) squares += (values[x]! - mean) ** 2
  const se = count < 2 ? 0 : Math.sqrt(squares / (count - 1) / count)
  return { mean, se, count }
}
