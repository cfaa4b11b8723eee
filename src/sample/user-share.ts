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
  const counts = new UserCounts()
  let [arrived, learned, excess, newestExcess] = [0, 0, 0, -1]

  return {
    admits(user) {
      if (userShareMax >= 1) return true
      if (++arrived % halvedEvery === 0) {
        learned /= 2
        counts.halve()
      }
      const slot = counts.slotFor(user)
      const count = counts.counts[slot]!
      if (count >= freeEvents && count > learned * shareOf(userShareMax, counts.users)) {
        excess++
        newestExcess = user
        return false
      }
      counts.counts[slot]!++
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
        ['share.users', { shape: [usersTracked], data: counts.owners.slice() }],
        ['share.counts', { shape: [usersTracked], data: counts.counts.slice() }],
        ['share.facts', { shape: [3], data: Float64Array.of(arrived, learned, excess) }],
      ]),
    restore(tensors) {
      counts.restore(
        tensors.get('share.users')?.data ?? [],
        tensors.get('share.counts')?.data ?? [],
      )
      const [first = 0, second = 0, third = 0] = tensors.get('share.facts')?.data ?? []
      ;[arrived, learned, excess] = [first, second, third]
    },
  }
}

/** Events by user in a table of bounded size: a new user takes the slot of the rarest, with its count. */
class UserCounts {
  /** The user of each slot, -1 for none. */
  readonly owners = new Int32Array(usersTracked).fill(-1)
  readonly counts = new Float64Array(usersTracked)
  readonly #slots = new Map<number, number>()

  get users(): number {
    return this.#slots.size
  }

  slotFor(user: number): number {
    const known = this.#slots.get(user)
    if (known !== undefined) return known
    const { counts } = this
    let rarest = 0
    for (let slot = 1; slot < usersTracked && counts[rarest]! > 0; slot++) {
      if (counts[slot]! < counts[rarest]!) rarest = slot
    }
    this.#slots.delete(this.owners[rarest]!)
    this.owners[rarest] = user
    this.#slots.set(user, rarest)
    return rarest
  }

  halve(): void {
    for (let slot = 0; slot < usersTracked; slot++) {
      this.counts[slot]! /= 2
      // Half an event is no event: so who has gone leaves the table.
      if (this.counts[slot]! >= 1 || this.owners[slot] === -1) continue
      this.#slots.delete(this.owners[slot]!)
      this.owners[slot] = -1
      this.counts[slot] = 0
    }
  }

  restore(owners: ArrayLike<number>, counts: ArrayLike<number>): void {
    this.owners.fill(-1)
    this.owners.set(owners)
    this.counts.fill(0)
    this.counts.set(counts)
    this.#slots.clear()
    this.owners.forEach((user, slot) => {
      if (user !== -1) this.#slots.set(user, slot)
    })
  }
}
