// Orders drawn at random.

import type { Random } from './random.ts'

/** 0 … count-1 in random order (Fisher-Yates). */
export function shuffled(count: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, k) => k)
  for (let k = count - 1; k > 0; k--) {
    const other = random.below(k + 1)
    const moved = order[k]!
    order[k] = order[other]!
    order[other] = moved
  }
  return order
}
