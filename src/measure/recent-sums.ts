// Sums over the newest events of a stream, for live curves and for the gate that watches over publishing. A user who
// sends far more than others takes no more than a share of the places: their next event replaces their oldest one.

import { shareOf } from '../sample/user-share.ts'

const nobody = -1

export interface RecentSums {
  add(user: number, values: Float64Array): void
  /** Valid until the next event. */
  sums(): Float64Array
  save(): Float64Array
  /** Whose events the places hold, and the order in which they came there. */
  savePlaces(): Float64Array
  /** Older states have no places: their events are nobody's. */
  restore(state: Float64Array, places: Float64Array): void
}

/** `width`: numbers per event. `size`: events. `userShareMax`: of the places, for one user; see shareOf(). */
export function createRecentSums(width: number, size: number, userShareMax = 1): RecentSums {
  const ring = new Float64Array(size * width)
  const users = new Int32Array(size).fill(nobody)
  /** The number of events before the one that a place holds. */
  const order = new Float64Array(size)
  const counts = new Map<number, number>()
  const total = new Float64Array(width)
  /** They are asked for more often than an event comes to a worker with little to do. */
  let isSummed = false
  let added = 0
  let seen = 0

  function isFull(user: number): boolean {
    const count = counts.get(user) ?? 0
    return count > 0 && count >= size * shareOf(userShareMax, counts.size)
  }

  return {
    add(user, values) {
      const at = isFull(user) ? oldestOf(user, users, order) : added++ % size
      leave(users[at]!, counts)
      counts.set(user, (counts.get(user) ?? 0) + 1)
      users[at] = user
      order[at] = seen++
      ring.set(values.subarray(0, width), at * width)
      isSummed = false
    },
    sums() {
      if (isSummed) return total
      isSummed = true
      total.fill(0)
      for (let at = 0; at < ring.length; at += width) {
        for (let k = 0; k < width; k++) total[k]! += ring[at + k]!
      }
      return total
    },
    save() {
      const state = new Float64Array(1 + ring.length)
      state[0] = added
      state.set(ring, 1)
      return state
    },
    savePlaces() {
      const state = new Float64Array(1 + 2 * size)
      state[0] = seen
      state.set(users, 1)
      state.set(order, 1 + size)
      return state
    },
    restore(state, places) {
      isSummed = false
      added = state[0] ?? 0
      ring.set(state.subarray(1, 1 + ring.length))
      seen = places[0] ?? 0
      users.fill(nobody)
      users.set(places.subarray(1, 1 + size))
      order.set(places.subarray(1 + size))
      counts.clear()
      for (const user of users) {
        if (user !== nobody) counts.set(user, (counts.get(user) ?? 0) + 1)
      }
    },
  }
}

/** The user has one event less. */
function leave(user: number, counts: Map<number, number>): void {
  const count = counts.get(user)
  if (count === undefined) return
  if (count > 1) counts.set(user, count - 1)
  else counts.delete(user)
}

/** The place of the user's oldest event. */
function oldestOf(user: number, users: Int32Array, order: Float64Array): number {
  let oldest = -1
  for (let at = 0; at < users.length; at++) {
    if (users[at] === user && (oldest < 0 || order[at]! < order[oldest]!)) oldest = at
  }
  return oldest
}
