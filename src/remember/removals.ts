// What users took back, with the time of it, so that a late repeat of an addition does not undo its removal. Of
// each user the newest are kept. Once a user has that many, additions at or before the oldest of them count no
// more: a removal that was dropped is never undone either. The same rule as the positive store's.

import type { Tensor } from '../ports/checkpoint-store.ts'
import type { LiveState } from '../ports/live-state.ts'
import { PairTable } from './pair-table.ts'
import { Runs } from './runs.ts'

export class Removals {
  private readonly runs = new Runs()
  private readonly newest = new PairTable(true)
  private readonly perUserMax: number

  constructor(perUserMax: number) {
    this.perUserMax = perUserMax
  }

  get bytes(): number {
    return this.runs.bytes + this.newest.bytes
  }

  growUsers(users: number): void {
    this.runs.growUsers(users)
  }

  /** Additions of the user at or before this time count no more; -Infinity while the user has room. */
  floor(user: number): number {
    const { length, times, start } = this.runs
    return length[user]! < this.perUserMax ? Number.NEGATIVE_INFINITY : times[start[user]!]!
  }

  /** Whether a removal of this pair is kept. */
  has(user: number, item: number): boolean {
    return this.newest.has(user, item)
  }

  /** Whether an addition of this time has been undone. */
  undoes(user: number, item: number, time: number): boolean {
    return (
      time <= (this.newest.get(user, item) ?? Number.NEGATIVE_INFINITY) || time <= this.floor(user)
    )
  }

  /** Keeps a removal; false where it says nothing new. */
  add(user: number, item: number, time: number): boolean {
    const { runs, newest } = this
    if (this.undoes(user, item, time)) return false
    if (newest.has(user, item)) runs.remove(user, runs.placeOf(user, item))
    runs.insert(user, runs.placeAt(user, time), item, time)
    newest.set(user, item, time)
    if (runs.length[user]! > this.perUserMax) {
      newest.delete(user, runs.items[runs.start[user]!]!)
      runs.remove(user, 0)
    }
    return true
  }

  forget(user: number): void {
    const { runs, newest } = this
    for (let place = 0; place < runs.length[user]!; place++) {
      newest.delete(user, runs.items[runs.start[user]! + place]!)
    }
    runs.clear(user)
  }

  /** Of users from … to-1 no removal of an item with a 1 is kept. */
  dropItems(gone: Uint8Array, from: number, to: number): void {
    const { runs, newest } = this
    for (let user = from; user < to; user++) {
      if (!runs.holdsOf(user, gone)) continue
      for (let place = runs.length[user]! - 1; place >= 0; place--) {
        const item = runs.items[runs.start[user]! + place]!
        if (gone[item] !== 1) continue
        newest.delete(user, item)
        runs.remove(user, place)
      }
    }
  }

  state(users: () => number): LiveState {
    return this.runs.state(users, 'removals')
  }

  restore(tensors: ReadonlyMap<string, Tensor>, users: number): void {
    const { runs, newest } = this
    runs.restore(tensors, 'removals')
    for (let user = 0; user < users; user++) {
      for (let place = 0; place < runs.length[user]!; place++) {
        const slot = runs.start[user]! + place
        newest.set(user, runs.items[slot]!, runs.times[slot]!)
      }
    }
  }
}
