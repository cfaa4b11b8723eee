// What users took back, with the time of it, so that a late repeat of an addition does not undo its removal. Of
// each user the newest are kept. Once a user has that many, additions at or before the oldest of them count no
// more: a removal that was dropped is never undone either. The same rule as the positive store's.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { LiveState } from '../../ports/live-state.ts'
import { NewestTimes } from './newest-times.ts'

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
