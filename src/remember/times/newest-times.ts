// For each user a run of items with the newest time that was told of each, in order of time. Items are whatever numbers
// the owner gives them.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { LiveState } from '../../ports/live-state.ts'
import { PairTable } from '../pair-table.ts'
import { Runs } from '../runs.ts'

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
    return this.count(user) === 0 ? Number.POSITIVE_INFINITY : runs.times[runs.start[user]!]!
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
        newest.set(user, runs.items[slot]!, runs.times[slot]!)
      }
    }
  }
}
