// Who likes what, in order of event time: the mirror of the positive store that sampling, learning and ranking
// read. The newest event per (user, item) wins and a tie goes to removal, as in the store, so any order and any
// number of repeats of the same events gives the same sets. Dense ids; times in ms.

import type { Tensor } from '../ports/checkpoint-store.ts'
import type { IntMemory, PositiveSets } from '../ports/draws.ts'
import { type LiveState, stateOf } from '../ports/live-state.ts'
import { heap } from './int-arrays.ts'
import { Owned } from './owned.ts'
import { Removals } from './removals.ts'
import { Runs } from './runs.ts'
import { readWithheld, WithheldItems } from './withheld-items.ts'

/** What an event did. `renewed`: the user had the item already, with an older time. */
export type Change = 'added' | 'renewed' | 'removed' | 'nothing'

export interface PositivesLimits {
  /** A user keeps the newest of them. */
  readonly positivesPerUserMax: number
  /** Of a user's removals the newest are kept; once full, additions before the oldest of them count no more. */
  readonly removalsPerUserMax: number
  /** A history holds only what is older than the moment it is read for, not what came before it at the same time. */
  readonly hidesEqualTimes?: boolean
}

export class Positives implements PositiveSets {
  readonly runs: Runs
  users = 0
  /** Items 0 … items-1 have been seen: the universe of negatives. */
  items = 0
  /** All positives of all users. */
  size = 0
  readonly withheld: WithheldItems
  readonly owned: Owned
  readonly removals: Removals
  readonly limits: PositivesLimits

  /** `memory`: where what draws read is kept. */
  constructor(limits: PositivesLimits, memory: IntMemory = heap) {
    this.limits = limits
    this.runs = new Runs(memory)
    this.owned = new Owned(memory)
    this.withheld = new WithheldItems(memory)
    this.removals = new Removals(limits.removalsPerUserMax)
  }

  get bytes(): number {
    return this.runs.bytes + this.owned.bytes + this.removals.bytes
  }

  /** How many users have the item now: 0 means nobody does any more. */
  get holders(): Int32Array {
    return this.owned.holders
  }

  has(user: number, item: number): boolean {
    return this.owned.has(user, item)
  }

  count(user: number): number {
    return user < this.users ? this.runs.length[user]! : 0
  }

  holdsAny(user: number): boolean {
    return this.count(user) > 0 || this.withheld.has(user)
  }

  /** Makes the ids known. Idempotent. */
  see(user: number, item: number): void {
    if (user >= this.users) {
      this.users = user + 1
      this.runs.growUsers(this.users)
      this.removals.growUsers(this.users)
      this.owned.growUsers(this.users)
    }
    if (item < this.items) return
    this.items = item + 1
    this.owned.growItems(this.items)
  }

  /** Whether add() would give the user an item they do not have: not undone, nor older than all of a full set. */
  takes(user: number, item: number, time: number): boolean {
    if (user >= this.users) return true
    if (this.has(user, item) || this.removals.undoes(user, item, time)) return false
    return this.count(user) < this.limits.positivesPerUserMax || this.placeAt(user, time) > 0
  }

  add(user: number, item: number, time: number): Change {
    this.see(user, item)
    if (this.removals.undoes(user, item, time)) return 'nothing'
    const withheld = this.withheld.get(user)
    if (withheld?.item === item) {
      if (time > withheld.time) this.withheld.set(user, item, time)
      return time > withheld.time ? 'renewed' : 'nothing'
    }
    const before = this.placeOf(user, item)
    if (before >= 0) {
      if (this.runs.times[this.runs.start[user]! + before]! >= time) return 'nothing'
      this.runs.remove(user, before)
      this.runs.insert(user, this.placeAt(user, time), item, time)
      return 'renewed'
    }
    if (!this.takes(user, item, time)) return 'nothing'
    this.runs.insert(user, this.placeAt(user, time), item, time)
    this.own(user, item)
    this.size++
    if (this.count(user) > this.limits.positivesPerUserMax) this.drop(user, 0)
    return 'added'
  }

  /** As add() of an item the user does not have, but kept withheld from the run. */
  withhold(user: number, item: number, time: number): void {
    this.see(user, item)
    this.withheld.set(user, item, time)
    this.own(user, item)
  }

  /** After the item has come into the run, or was set aside. */
  private own(user: number, item: number): void {
    this.owned.add(user, item, this.runs, this.withheld.get(user)?.item ?? -1)
  }

  remove(user: number, item: number, time: number): Change {
    this.see(user, item)
    if (!this.removals.add(user, item, time)) return 'nothing'
    let change: Change = 'nothing'
    const withheld = this.withheld.get(user)
    if (withheld?.item === item && withheld.time <= time) {
      this.release(user, item)
      change = 'removed'
    }
    const place = this.placeOf(user, item)
    if (place >= 0 && this.runs.times[this.runs.start[user]! + place]! <= time) {
      this.drop(user, place)
      change = 'removed'
    }
    return this.sink(user) ? 'removed' : change
  }

  /** Drops what has come to lie at or under the floor of the user's removals. */
  private sink(user: number): boolean {
    const floor = this.removals.floor(user)
    const { runs } = this
    let sunk = false
    while (runs.length[user]! > 0 && runs.times[runs.start[user]!]! <= floor) {
      this.drop(user, 0)
      sunk = true
    }
    const withheld = this.withheld.get(user)
    if (withheld === undefined || withheld.time > floor) return sunk
    this.release(user, withheld.item)
    return true
  }

  /** Drops everything of the user; the id stays. */
  forget(user: number): void {
    if (user >= this.users) return
    while (this.runs.length[user]! > 0) this.drop(user, this.runs.length[user]! - 1)
    this.runs.clear(user)
    this.owned.clear(user)
    const withheld = this.withheld.get(user)
    if (withheld !== undefined) this.release(user, withheld.item)
    this.removals.forget(user)
  }

  /** Drops what is not among `items`, without a trace. */
  keepOnly(user: number, items: ReadonlySet<number>): void {
    for (let place = this.count(user) - 1; place >= 0; place--) {
      if (!items.has(this.runs.items[this.runs.start[user]! + place]!)) this.drop(user, place)
    }
    const withheld = this.withheld.get(user)
    if (withheld !== undefined && !items.has(withheld.item)) this.release(user, withheld.item)
  }

  /** The place of an item in the user's run (0 is the oldest), or -1. */
  placeOf(user: number, item: number): number {
    return this.has(user, item) ? this.runs.placeOf(user, item) : -1
  }

  /** Where an event of this time belongs: after all of the same or an earlier time (arrival order kept). */
  placeAt(user: number, time: number): number {
    return this.runs.placeAt(user, time)
  }

  private release(user: number, item: number): void {
    this.withheld.delete(user)
    this.owned.delete(user, item)
  }

  private drop(user: number, place: number): void {
    const item = this.runs.items[this.runs.start[user]! + place]!
    this.runs.remove(user, place)
    this.owned.delete(user, item)
    this.size--
  }

  /** What a checkpoint holds of it. */
  state(): LiveState {
    const users = () => this.users
    const own = [this.runs.state(users, 'positives'), this.removals.state(users)]
    return stateOf([...own, this.withheld.state()])
  }

  /** Fills an empty mirror with what state() gave. */
  restore(tensors: ReadonlyMap<string, Tensor>, users: number, items: number): void {
    this.runs.restore(tensors, 'positives')
    if (users > 0) this.see(users - 1, -1)
    if (items > 0) this.see(-1, items - 1)
    for (let user = 0; user < users; user++) {
      for (let place = 0; place < this.runs.length[user]!; place++) {
        const item = this.runs.items[this.runs.start[user]! + place]!
        this.own(user, item)
        this.size++
      }
    }
    const withheld = tensors.get('withheld')
    if (withheld !== undefined) for (const own of readWithheld(withheld)) this.withhold(...own)
    this.removals.restore(tensors, users)
  }
}
