// What a user has and their positive set has no room for: the items older than its oldest. Nothing is learned from
// them and no history holds them, but they are owned, so they are never listed and never drawn as negatives. Of each
// user the newest are kept, with their times, so that a removal or a renewal finds them. Few users have any.

import type { Tensor } from '../ports/checkpoint-store.ts'
import type { IntMemory } from '../ports/draws.ts'
import type { LiveState } from '../ports/live-state.ts'
import { Runs } from './runs.ts'

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
    return slot < 0 ? undefined : this.runs.times[slot]!
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
      : this.runs.times[this.runs.start[user]!]!
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
    const taken = { item: runs.items[slot]!, time: runs.times[slot]! }
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
