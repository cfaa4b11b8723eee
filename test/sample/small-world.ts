// A few users and items for draws: small enough that every triplet comes often.

import type { IntMemory } from '../../src/ports/draws.ts'
import { Positives } from '../../src/remember/positives.ts'

export const items = 12

/**
 * Users with 1 to 10 of 12 items: some added late, some taken back, one forgotten, so that slots are empty. Two have
 * more than their set has room for.
 */
export function smallWorld(memory?: IntMemory): Positives {
  const limits = { positivesPerUserMax: 7, earlierItemsPerUserMax: 5, removalsPerUserMax: 100 }
  const positives = new Positives(limits, memory)
  const sizes = [1, 3, 10, 5, 2, 8]
  sizes.forEach((size, user) => {
    for (let k = 0; k < size + 1; k++) positives.add(user, (user + 5 * k) % items, 100 - k)
    positives.remove(user, user % items, 200)
  })
  for (let item = 0; item < 9; item++) positives.add(6, item, 1)
  positives.forget(6)
  positives.see(0, items - 1)
  return positives
}
