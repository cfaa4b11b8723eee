// The newest time that was told of each of a user's items; and of the items that users took back.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { LiveState } from '../../ports/live-state.ts'
import { PairTable } from '../pair-table.ts'
import { Runs } from '../runs/runs.ts'

/** For each user a run of items, in order of time. Items are whatever numbers the owner gives them. */
export class NewestTimes {
  readonly runs = new Runs()
  private readonly newest = new PairTable(true)

  get bytes(): number {
    return this.runs.bytes + this.newest.bytes
  }

  growUsers(users: number): void {
    this.runs.growUsers(users)
  }

  count(user: number): number {
    return this.runs.length[user] ?? 0
  }

  get(user: number, item: number): number | undefined {
    return this.newest.get(user, item)
  }

  /** In place of an older time. */
  set(user: number, item: number, time: number): void {
    const { runs, newest } = this
    if (newest.has(user, item)) runs.remove(user, runs.placeOf(user, item))
    runs.insert(user, runs.placeAt(user, time), item, time)
    newest.set(user, item, time)
  }

  delete(user: number, item: number): boolean {
    if (!this.newest.delete(user, item)) return false
    this.runs.remove(user, this.runs.placeOf(user, item))
    return true
  }

  /** Infinity where the user has none. */
  oldestTime(user: number): number {
    const { runs } = this
    return this.count(user) === 0 ? Number.POSITIVE_INFINITY : runs.times.at(runs.start[user]!)
  }

  /** Takes out the oldest of a user who has any. */
  dropOldest(user: number): void {
    const { runs } = this
    this.newest.delete(user, runs.items[runs.start[user]!]!)
    runs.remove(user, 0)
  }

  clear(user: number): void {
    const { runs, newest } = this
    if (user >= runs.start.length) return
    for (let place = 0; place < this.count(user); place++) {
      newest.delete(user, runs.items[runs.start[user]! + place]!)
    }
    runs.clear(user)
  }

  state(users: () => number, name: string): LiveState {
    return this.runs.state(users, name)
  }

  restore(tensors: ReadonlyMap<string, Tensor>, users: number, name: string): void {
    const { runs, newest } = this
    runs.restore(tensors, name)
    for (let user = 0; user < users; user++) {
      for (let place = 0; place < this.count(user); place++) {
        const slot = runs.start[user]! + place
        newest.set(user, runs.items[slot]!, runs.times.at(slot))
      }
    }
  }
}

/**
 * What users took back, with the time of it, so that a late repeat of an addition does not undo its removal. Of each
 * user the newest are kept. Once a user has that many, additions at or before the oldest of them count no more: a
 * removal that was dropped is never undone either. The same rule as the positive store's.
 */
export class Removals {
  private readonly newest = new NewestTimes()
  private readonly perUserMax: number

  constructor(perUserMax: number) {
    this.perUserMax = perUserMax
  }

  get bytes(): number {
    return this.newest.bytes
  }

  growUsers(users: number): void {
    this.newest.growUsers(users)
  }

  /** Additions of the user at or before this time count no more; -Infinity while the user has room. */
  floor(user: number): number {
    const { newest, perUserMax } = this
    return newest.count(user) < perUserMax ? Number.NEGATIVE_INFINITY : newest.oldestTime(user)
  }

  /** Whether a removal of this pair is kept. */
  has(user: number, item: number): boolean {
    return this.newest.get(user, item) !== undefined
  }

  /** Whether an addition of this time has been undone. */
  undoes(user: number, item: number, time: number): boolean {
    return (
      time <= (this.newest.get(user, item) ?? Number.NEGATIVE_INFINITY) || time <= this.floor(user)
    )
  }

  /** Keeps a removal; false where it says nothing new. */
  add(user: number, item: number, time: number): boolean {
    if (this.undoes(user, item, time)) return false
    this.newest.set(user, item, time)
    if (this.newest.count(user) > this.perUserMax) this.newest.dropOldest(user)
    return true
  }

  forget(user: number): void {
    this.newest.clear(user)
  }

  /** Of users from … to-1 no removal of an item with a 1 is kept. */
  dropItems(gone: Uint8Array, from: number, to: number): void {
    const { runs } = this.newest
    for (let user = from; user < to; user++) {
      if (!runs.holdsOf(user, gone)) continue
      const items = runs.itemsOf(user).filter((item) => gone[item] === 1)
      for (const item of items.reverse()) this.newest.delete(user, item)
    }
  }

  state(users: () => number): LiveState {
    return this.newest.state(users, 'removals')
  }

  restore(tensors: ReadonlyMap<string, Tensor>, users: number): void {
    this.newest.restore(tensors, users, 'removals')
  }
}
