// One user's events weigh no more than a share of what is learned from. Who sends far more than others, as a program
// does, is learned from no further until others have come: what they have is still remembered, only not learned.
//
// The events that were learned from are counted by user, in a table of bounded size in which the rarest user makes
// room and passes the count on (Metwally et al., «Efficient computation of frequent and top-k elements in data
// streams», 2005), so a count is too high by at most a 256th of all. Every 100,000 events all counts are halved.

import type { Tensor } from '../ports/checkpoint-store.ts'

/** A user's first events are learned from whatever others do: a person may bring a history along. */
const freeEvents = 1_000
const usersTracked = 256
const halvedEvery = 100_000

/** The share that one of `active` users may have: with few users it is larger, since somebody's events must count. */
export function shareOf(userShareMax: number, active: number): number {
  return Math.max(userShareMax, Math.min(1, 2 / active))
}

export interface UserShare {
  /** An event of the user has come: whether it may be learned from. */
  admits(user: number): boolean
  /** Events that were not, since the first start. */
  readonly excess: number
  /** Whose event was refused last; -1: nobody's. */
  readonly newestExcess: number
  save(): Map<string, Tensor>
  /** Older checkpoints have none. */
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

export function createUserShare(userShareMax: number): UserShare {
  const users = new Int32Array(usersTracked).fill(-1)
  const counts = new Float64Array(usersTracked)
  const slots = new Map<number, number>()
  let [arrived, learned, excess, newestExcess] = [0, 0, 0, -1]

  function halve(): void {
    learned /= 2
    for (let slot = 0; slot < usersTracked; slot++) {
      counts[slot]! /= 2
      // Half an event is no event: so who has gone leaves the table.
      if (counts[slot]! >= 1 || users[slot] === -1) continue
      slots.delete(users[slot]!)
      users[slot] = -1
      counts[slot] = 0
    }
  }

  function slotFor(user: number): number {
    const known = slots.get(user)
    if (known !== undefined) return known
    let rarest = 0
    for (let slot = 1; slot < usersTracked && counts[rarest]! > 0; slot++) {
      if (counts[slot]! < counts[rarest]!) rarest = slot
    }
    slots.delete(users[rarest]!)
    users[rarest] = user
    slots.set(user, rarest)
    return rarest
  }

  return {
    admits(user) {
      if (userShareMax >= 1) return true
      if (++arrived % halvedEvery === 0) halve()
      const slot = slotFor(user)
      const fairShare = learned * shareOf(userShareMax, slots.size)
      if (counts[slot]! >= freeEvents && counts[slot]! > fairShare) {
        excess++
        newestExcess = user
        return false
      }
      counts[slot]!++
      learned++
      return true
    },
    get excess() {
      return excess
    },
    get newestExcess() {
      return newestExcess
    },
    save: () =>
      new Map<string, Tensor>([
        ['share.users', { shape: [usersTracked], data: users.slice() }],
        ['share.counts', { shape: [usersTracked], data: counts.slice() }],
        ['share.facts', { shape: [3], data: Float64Array.of(arrived, learned, excess) }],
      ]),
    restore(tensors) {
      users.fill(-1)
      users.set(tensors.get('share.users')?.data ?? [])
      counts.fill(0)
      counts.set(tensors.get('share.counts')?.data ?? [])
      const [first = 0, second = 0, third = 0] = tensors.get('share.facts')?.data ?? []
      ;[arrived, learned, excess] = [first, second, third]
      slots.clear()
      users.forEach((user, slot) => {
        if (user !== -1) slots.set(user, slot)
      })
    },
  }
}
