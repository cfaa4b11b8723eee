// EASE (Steck, WWW 2019): the linear item-item model with zero diagonal that rebuilds the matrix of
// positives best, in closed form. With G = XᵀX + λI and P = G⁻¹:  B = I - P·diag(1/P),  score = x_u·B.
// Takes 20 bytes × items²; catalogues above `itemsMax` are refused.

import type { OfflineScorer } from '../offline/judge.ts'
import type { Split } from '../offline/leave-one-out.ts'
import { knownItems } from './known.ts'
import { invertPositiveDefinite } from './positive-definite.ts'

export interface EaseOptions {
  readonly lambda?: number
  /** Most items: memory grows with their square, time with their cube. */
  readonly itemsMax?: number
}

export function ease(
  split: Split,
  options: EaseOptions = {},
): (withValidation: boolean) => OfflineScorer {
  const { lambda = 1000, itemsMax = 12_000 } = options
  const size = split.items.length
  if (size > itemsMax) {
    throw new RangeError(`EASE: expected at most ${itemsMax} items, got ${size}; filter the data`)
  }
  const weights = easeWeights(gram(split), size, lambda)
  return (withValidation) => {
    const known = knownItems(split, withValidation)
    const mine: number[] = []
    const sums = new Float64Array(size)
    return (user, items, count, out) => {
      known(user, mine)
      if (count * 4 < size) {
        for (let x = 0; x < count; x++) out[x] = columnSum(weights, size, mine, items[x]!)
        return
      }
      sums.fill(0)
      for (const have of mine) {
        const row = have * size
        for (let item = 0; item < size; item++) sums[item]! += weights[row + item]!
      }
      for (let x = 0; x < count; x++) out[x] = sums[items[x]!]!
    }
  }
}

/** B, row by row: weights[have·size + item]. `gramian` (size × size) is overwritten. */
export function easeWeights(gramian: Float64Array, size: number, lambda: number): Float32Array {
  for (let k = 0; k < size; k++) gramian[k * size + k]! += lambda
  invertPositiveDefinite(gramian, size)
  const weights = new Float32Array(size * size)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (row === column) continue
      const at = row * size + column
      weights[at] = -gramian[at]! / gramian[column * size + column]!
    }
  }
  return weights
}

/** XᵀX: how many users have both items. */
function gram(split: Split): Float64Array {
  const size = split.items.length
  const counts = new Float64Array(size * size)
  const { start, items } = split.train
  for (let user = 0; user + 1 < start.length; user++) {
    for (let one = start[user]!; one < start[user + 1]!; one++) {
      const row = items[one]! * size
      for (let other = start[user]!; other < start[user + 1]!; other++) {
        counts[row + items[other]!]!++
      }
    }
  }
  return counts
}

function columnSum(weights: Float32Array, size: number, rows: number[], column: number): number {
  let sum = 0
  for (const row of rows) sum += weights[row * size + column]!
  return sum
}
