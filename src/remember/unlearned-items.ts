// Items that users have and that nothing is learned from. They are owned, so they are never listed and never drawn as
// negatives, but they are not in the run that histories are made of. Few users have any.

import type { Tensor } from '../ports/checkpoint-store.ts'
import type { IntMemory } from '../ports/draws.ts'
import type { LiveState } from '../ports/live-state.ts'
import { enlarged } from './int-arrays.ts'
import { Runs } from './runs/runs.ts'

/**
 * What a user's positive set has no room for: the items older than its oldest. The newest of them are kept, with their
 * times, so that a removal or a renewal finds them.
 */
export class EarlierItems {
  /** Covers users 0 … start.length-1: only as far as anybody has had such items. */
  readonly runs: Runs
  /** Of all users. */
  size = 0
  /** Items that found no room here either: they are forgotten, and may be listed again. */
  dropped = 0
  private users = 0
  private readonly perUserMax: number

  /** `memory`: where what draws read is kept. */
  constructor(perUserMax: number, memory: IntMemory) {
    this.perUserMax = perUserMax
    this.runs = new Runs(memory)
  }

  get bytes(): number {
    return this.runs.bytes
  }

  count(user: number): number {
    return this.runs.length[user] ?? 0
  }

  /** Returns the item that found no room: this one, an older one, or -1. */
  put(user: number, item: number, time: number): number {
    const { runs, perUserMax } = this
    const place = runs.placeAt(user, time)
    if (place === 0 && this.count(user) >= perUserMax) {
      this.dropped++
      return item
    }
    if (user >= this.users) {
      this.users = user + 1
      runs.growUsers(this.users)
    }
    runs.insert(user, place, item, time)
    this.size++
    if (this.count(user) <= perUserMax) return -1
    this.dropped++
    return this.takeOldest(user)
  }

  /** When the user got the item; undefined: it is not here. */
  timeOf(user: number, item: number): number | undefined {
    const slot = this.slotOf(user, item)
    return slot < 0 ? undefined : this.runs.times.at(slot)
  }

  remove(user: number, item: number): void {
    const slot = this.slotOf(user, item)
    if (slot < 0) return
    this.runs.remove(user, slot - this.runs.start[user]!)
    this.size--
  }

  oldestTime(user: number): number {
    return this.count(user) === 0
      ? Number.POSITIVE_INFINITY
      : this.runs.times.at(this.runs.start[user]!)
  }

  takeOldest(user: number): number {
    return this.take(user, 0).item
  }

  /** Only where the user has any. */
  takeNewest(user: number): { readonly item: number; readonly time: number } {
    return this.take(user, this.count(user) - 1)
  }

  /** The oldest beyond the bound, where it has become a smaller one: taken out. */
  takeExcess(user: number): number[] {
    const excess = Math.max(0, this.count(user) - this.perUserMax)
    this.dropped += excess
    return Array.from({ length: excess }, () => this.takeOldest(user))
  }

  itemsOf(user: number): Int32Array {
    const first = this.runs.start[user] ?? 0
    return this.runs.items.subarray(first, first + this.count(user))
  }

  clear(user: number): void {
    if (this.count(user) === 0) return
    this.size -= this.count(user)
    this.runs.clear(user)
  }

  private take(user: number, place: number) {
    const { runs } = this
    const slot = runs.start[user]! + place
    const taken = { item: runs.items[slot]!, time: runs.times.at(slot) }
    runs.remove(user, place)
    this.size--
    return taken
  }

  private slotOf(user: number, item: number): number {
    if (this.count(user) === 0) return -1
    const place = this.runs.placeOf(user, item)
    return place < 0 ? -1 : this.runs.start[user]! + place
  }

  state(): LiveState {
    return this.runs.state(() => this.users, 'earlier')
  }

  /** Older checkpoints have none. */
  restore(tensors: ReadonlyMap<string, Tensor>): void {
    const start = tensors.get('earlier.start')
    if (start === undefined) return
    this.users = start.data.length
    this.runs.restore(tensors, 'earlier')
    for (let user = 0; user < this.users; user++) this.size += this.count(user)
  }
}

export interface Withheld {
  readonly item: number
  readonly time: number
}

/**
 * One item of some users each, withheld to measure forgetting. Draws look through all of them, and only where a user's
 * bits say «maybe» and the run says no.
 */
export class WithheldItems {
  /** [user, item] of entries 0 … size-1, flat, in no order. */
  pairs: Int32Array
  private readonly byUser = new Map<number, Withheld>()
  private readonly memory: IntMemory

  constructor(memory: IntMemory) {
    this.memory = memory
    this.pairs = memory.take(16)
  }

  get size(): number {
    return this.byUser.size
  }

  has(user: number): boolean {
    return this.byUser.has(user)
  }

  get(user: number): Withheld | undefined {
    return this.byUser.get(user)
  }

  /** In place of what the user had here. */
  set(user: number, item: number, time: number): void {
    this.delete(user)
    const at = 2 * this.size
    if (at === this.pairs.length) this.pairs = enlarged(this.memory, this.pairs, 2 * at)
    this.pairs[at] = user
    this.pairs[at + 1] = item
    this.byUser.set(user, { item, time })
  }

  delete(user: number): void {
    if (!this.byUser.delete(user)) return
    const last = 2 * this.size
    for (let at = 0; at < last; at += 2) {
      if (this.pairs[at] === user) this.pairs.copyWithin(at, last, last + 2)
    }
  }

  state(): LiveState {
    const rest = () => {
      const data = new Float64Array(3 * this.size)
      let at = 0
      for (const [user, { item, time }] of this.byUser) {
        data[at++] = user
        data[at++] = item
        data[at++] = time
      }
      return new Map([['withheld', { shape: [this.size, 3], data }]])
    }
    return { live: [], rest }
  }
}

/** What state() gave, as [user, item, time]. */
export function* readWithheld(saved: Tensor | undefined): Generator<[number, number, number]> {
  const data = saved?.data ?? []
  for (let k = 0; k + 2 < data.length; k += 3) yield [data[k]!, data[k + 1]!, data[k + 2]!]
}
