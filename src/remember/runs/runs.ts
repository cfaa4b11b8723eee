// The memory behind the positive sets: every user owns one run of slots (item, event time) in a shared arena,
// in order of event time. Runs grow by doubling and leave their old slots to others; in a large arena also to larger
// ones, since there most users may have outgrown what nobody else needs.
// A slot drawn at random is a uniform draw over all positives once empty slots are thrown away.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { IntMemory } from '../../ports/draws.ts'
import {
  ChangedRows,
  inPlace,
  type LiveState,
  liveColumns,
  liveRows,
  vectors,
} from '../../ports/live-state.ts'
import { enlarged, heap } from '../int-arrays.ts'
import { chunkSlots, FreeRuns, nobody } from './free-runs.ts'
import { SlotTimes } from './slot-times.ts'

/** From this many slots on, 46 MB, free runs are joined. It says where runs lie, and so what is drawn by slot. */
const joinedFromSlots = 2 ** 22
const noItems = new Int32Array(0)

export class Runs {
  items: Int32Array
  readonly times = new SlotTimes(1024)
  /** Slots in use by runs or free lists: 0 … used-1. */
  used = 0
  start: Int32Array
  length: Int32Array
  private capacity: Int32Array = new Int32Array(256)
  /** Which user a chunk of slots belongs to; below zero: nobody. Not touched beyond slots in use. */
  owner: Int32Array
  private readonly free = new FreeRuns()
  private readonly memory: IntMemory
  private readonly joinedFrom: number
  /** What was written to since the last checkpoint. */
  private readonly changedSlots = new ChangedRows(2)
  private readonly changedUsers = new ChangedRows(4)

  /** `joinedFrom`: the slots in use from which on free runs are joined. */
  constructor(memory: IntMemory = heap, joinedFrom = joinedFromSlots) {
    this.memory = memory
    this.joinedFrom = joinedFrom
    this.items = memory.take(1024)
    this.owner = memory.take(1024 / chunkSlots)
    this.start = memory.take(256).fill(nobody)
    this.length = memory.take(256)
  }

  get bytes(): number {
    const { items, times, owner, start } = this
    return items.byteLength + times.bytes + owner.byteLength + 3 * start.byteLength
  }

  growUsers(users: number): void {
    if (users <= this.start.length) return
    const size = Math.max(users, 2 * this.start.length)
    this.start = enlarged(this.memory, this.start, size, nobody)
    this.length = enlarged(this.memory, this.length, size)
    this.capacity = enlarged(heap, this.capacity, size)
  }

  /** The user whose run holds the slot, or -1 where the slot is empty. */
  userOf(slot: number): number {
    const user = this.owner[(slot / chunkSlots) | 0]!
    return user >= 0 && slot - this.start[user]! < this.length[user]! ? user : nobody
  }

  /** The items of the user's run, the oldest first. Valid until it changes. */
  itemsOf(user: number): Int32Array {
    const start = this.start[user]!
    return start === nobody ? noItems : this.items.subarray(start, start + this.length[user]!)
  }

  /** Whether the user's run holds an item with a 1. */
  holdsOf(user: number, marks: Uint8Array): boolean {
    return this.itemsOf(user).some((item) => marks[item] === 1)
  }

  /** Event time of the newest item that the user has; 0: none. */
  newestTime(user: number): number {
    const length = this.length[user] ?? 0
    return length > 0 ? this.times.at(this.start[user]! + length - 1) : 0
  }

  /** Where an event of this time belongs: after all of the same or an earlier time (arrival order kept). */
  placeAt(user: number, time: number): number {
    return this.times.upTo(time, this.start[user] ?? 0, this.length[user] ?? 0)
  }

  /** The place of an item in the user's run, or -1; looks from the newest on. */
  placeOf(user: number, item: number): number {
    const start = this.start[user]!
    for (let place = this.length[user]! - 1; place >= 0; place--) {
      if (this.items[start + place] === item) return place
    }
    return -1
  }

  /** Inserts at place `at` of the user's run (0 is the oldest). */
  insert(user: number, at: number, item: number, time: number): void {
    if (this.length[user]! === this.capacity[user]!) this.enlarge(user)
    const first = this.start[user]! + at
    const end = this.start[user]! + this.length[user]!
    this.items.copyWithin(first + 1, first, end)
    this.times.copyWithin(first + 1, first, end)
    this.items[first] = item
    this.times.put(first, time)
    this.length[user]!++
    this.changedSlots.markRange(first, end + 1)
    this.changedUsers.mark(user)
  }

  remove(user: number, at: number): void {
    const first = this.start[user]! + at
    const end = this.start[user]! + this.length[user]!
    this.items.copyWithin(first, first + 1, end)
    this.times.copyWithin(first, first + 1, end)
    this.length[user]!--
    this.changedSlots.markRange(first, end)
    this.changedUsers.mark(user)
  }

  clear(user: number): void {
    if (this.start[user]! === nobody) return
    this.give(this.start[user]!, this.capacity[user]!)
    this.start[user] = nobody
    this.length[user] = 0
    this.capacity[user] = 0
    this.changedUsers.mark(user)
  }

  private enlarge(user: number): void {
    const before = this.start[user]!
    const capacity = Math.max(chunkSlots, 2 * this.capacity[user]!)
    const after = this.take(capacity)
    if (before !== nobody) {
      this.items.copyWithin(after, before, before + this.length[user]!)
      this.times.copyWithin(after, before, before + this.length[user]!)
      this.changedSlots.markRange(after, after + this.length[user]!)
      this.give(before, this.capacity[user]!)
    }
    this.start[user] = after
    this.capacity[user] = capacity
    this.owner.fill(user, after / chunkSlots, (after + capacity) / chunkSlots)
  }

  private take(capacity: number): number {
    const { free, used } = this
    const isJoined = used >= this.joinedFrom
    const reused = free.take(capacity, this.owner, isJoined)
    if (reused !== undefined) return reused
    // Only what begins at a multiple of its size can be joined later.
    const from = isJoined ? Math.ceil(used / capacity) * capacity : used
    this.reach(from + capacity)
    for (let at = used, size = at & -at; at < from; at += size, size = at & -at) {
      free.put(at, size, this.owner, isJoined)
    }
    return from
  }

  private reach(used: number): void {
    this.used = used
    if (used <= this.items.length) return
    const size = Math.max(used, 2 * this.items.length)
    this.items = enlarged(this.memory, this.items, size)
    this.owner = enlarged(this.memory, this.owner, Math.ceil(size / chunkSlots))
    this.times.grow(size)
  }

  /** Free runs are empty: nothing of a user who was forgotten stays, here or in a checkpoint. */
  private give(start: number, capacity: number): void {
    this.items.fill(0, start, start + capacity)
    this.times.clear(start, start + capacity)
    this.changedSlots.markRange(start, start + capacity)
    this.free.put(start, capacity, this.owner, this.used >= this.joinedFrom)
  }

  /** Everything of this many users, slot by slot: draws by slot go on identically after restore(). */
  state(users: () => number, prefix: string): LiveState {
    const items = () => inPlace({ shape: [this.items.length], data: this.items })
    const slots = () =>
      Object.entries({ [`${prefix}.items`]: items(), [`${prefix}.times`]: this.times.column })
    const runs = () =>
      vectors(prefix, { start: this.start, length: this.length, capacity: this.capacity })
    return {
      live: [
        liveColumns(this.changedSlots, () => this.used, slots),
        liveRows(this.changedUsers, users, runs),
      ],
      rest: () => vectors(prefix, { free: this.free.saved() }),
    }
  }

  restore(tensors: ReadonlyMap<string, Tensor>, prefix: string): void {
    const read = (name: string) => tensors.get(`${prefix}.${name}`)?.data ?? new Int32Array(0)
    const start = read('start') as Int32Array
    this.growUsers(start.length)
    this.start.set(start)
    this.length.set(read('length'))
    this.capacity.set(read('capacity'))
    const items = read('items') as Int32Array
    this.reach(items.length)
    this.items.set(items)
    this.times.restore(read('times'))
    this.owner.fill(nobody, 0, items.length / chunkSlots)
    for (let user = 0; user < start.length; user++) {
      const from = start[user]! / chunkSlots
      if (from >= 0) this.owner.fill(user, from, from + this.capacity[user]! / chunkSlots)
    }
    this.free.restore(read('free'), this.owner)
  }
}
