// Writes a query into the memory of a scan: its two halves and the weights of the levels as words of sixteen bits.

import { scanMiddleWidth } from '../../../kernel/constants.ts'
import type { BoundQuery } from '../../../ports/catalogue.ts'
import type { Half, Weights } from './scan-calls.ts'
import type { ScanMemory } from './scan-memory.ts'

/** Levels are logarithms of counts: up to 255 steps they reach as far as e^12.75 events. */
export const levelStep = 1 / 20
const levelMax = 255
/** Units that the largest number of a query, or weight of a level, has. */
const wordMax = 32_767
/** Numbers that are rounded to floats on their way are no less than they were. */
const up = 1.000001
/** A share of a sum of floats by which that is never off. */
const rounding = 1e-5

/** Writes columns from … to-1 of the query to the address `words`. */
export function writeHalf(
  memory: ScanMemory,
  query: Float32Array,
  from: number,
  to: number,
  words: number,
): Half {
  let largest = 0
  let square = 0
  let end = 0
  for (let d = from; d < to; d++) {
    const q = query[d]!
    largest = Math.max(largest, Math.abs(q))
    square += q * q
    if (d >= from + scanMiddleWidth) end += q * q
  }
  const unit = Math.fround(largest / wordMax)
  for (let d = from; d < to; d++) {
    const word = unit > 0 ? Math.round(query[d]! / unit) : 0
    memory.shorts[words / 2 + d - from] = Math.max(-wordMax, Math.min(wordMax, word))
  }
  return { unit, norm: up * Math.sqrt(square), end: up * Math.sqrt(end) }
}

/**
 * Writes the weights, rounded up: levels are not negative. A level may have come down since it was set, and was rounded
 * up then, so where a weight is below zero, the least that the level can be counts. `base` is added for every item.
 */
export function writeWeights(
  memory: ScanMemory,
  { levelWeights, levelShares }: BoundQuery,
): Weights {
  let largest = 0
  let base = 0
  const least = Array.from(levelWeights, (weight, k) => {
    const own = weight < 0 ? weight * levelShares[k]! : weight
    if (weight < 0) base -= own * levelStep
    largest = Math.max(largest, Math.abs(own))
    base += rounding * Math.abs(weight) * levelStep * levelMax
    return own
  })
  const unit = Math.fround(up * (largest / wordMax))
  for (let k = 0; k < 4; k++) {
    const word = unit > 0 ? Math.ceil((least[k] ?? 0) / unit) : 0
    memory.shorts[memory.at.weights / 2 + k] = word
    memory.shorts[memory.at.weights / 2 + 4 + k] = word
  }
  return { unit: unit * levelStep, base }
}
