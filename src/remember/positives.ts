// Who likes what, in order of event time: the mirror of the positive store that sampling, learning and ranking
// read. The newest event per (user, item) wins and a tie goes to removal, as in the store, so any order and any
// number of repeats of the same events gives the same sets. Dense ids; times in ms.

import type { IntMemory, PositiveSets } from '../ports/draws.ts'
import { type LiveState, stateOf } from '../ports/live-state.ts'
import { fullAdd, weightOf } from '../strength.ts'
import { Holdings, type Restored, type Saved } from './holdings.ts'
import { heap } from './int-arrays.ts'
import type { PositivesLimits } from './limits.ts'
import type { Owned } from './owned.ts'
import type { Runs } from './runs/runs.ts'
import { Removals } from './times/removals.ts'
import type { Strengths } from './times/strengths.ts'
import type { EarlierItems, WithheldItems } from './unlearned-items.ts'

/**
 * What an event did. `renewed`: the user had the item already, with an older time or by weaker ADDs. `earlier`: the
 * item is older than all of a full positive set, and now known as the user's without being part of it. `removed`: or
 * some of the ADDs of an item that the user still has were taken back.
 */
export type Change = 'added' | 'renewed' | 'earlier' | 'removed' | 'nothing'

export class Positives implements PositiveSets {
  users = 0
  /** Items 0 … items-1 have been seen: the universe of negatives. */
  items = 0
  readonly removals: Removals
  readonly limits: PositivesLimits
  private readonly holdings: Holdings

  /** `memory`: where what draws read is kept. */
  constructor(limits: PositivesLimits, memory: IntMemory = heap) {
    this.limits = limits
    this.holdings = new Holdings(limits, memory)
    this.removals = new Removals(limits.removalsPerUserMax)
  }

  get bytes(): number {
    return this.holdings.bytes + this.removals.bytes
  }

  /** The positive sets. */
  get runs(): Runs {
    return this.holdings.runs
  }

  /** What users have beyond their positive sets: owned, but not learned from. Empty where the set has room. */
  get earlier(): EarlierItems {
    return this.holdings.earlier
  }

  get withheld(): WithheldItems {
    return this.holdings.withheld
  }

  get owned(): Owned {
    return this.holdings.owned
  }

  /** Of items that were not only added in full. */
  get strengths(): Strengths {
    return this.holdings.strengths
  }

  /** All positives of all users. */
  get size(): number {
    return this.holdings.size
  }

  /** How many users have the item now: 0 means nobody does any more, less that it leaves the catalogue. */
  get holders(): Int32Array {
    return this.owned.holders
  }

  /** Whether the user has the item: in the positive set, among the earlier items, or withheld. */
  has(user: number, item: number): boolean {
    return this.holdings.owned.has(user, item)
  }

  /** Of when the user has the item, in ms; undefined: the user does not have it. */
  timeOf(user: number, item: number): number | undefined {
    return user < this.users ? this.holdings.timeOf(user, item) : undefined
  }

  /** Whether the user has the item, and not only by listable ADDs. */
  excludes(user: number, item: number): boolean {
    return this.has(user, item) && !this.strengths.isListable(user, item)
  }

  /** What the item is worth to the user: the highest weight of the ADDs that count; 0 where they do not have it. */
  weight(user: number, item: number): number {
    return this.has(user, item) ? this.strengths.weight(user, item) : 0
  }

  /** How much more than it is now the item would be worth to the user by such an ADD. */
  gain(user: number, item: number, time: number, code: number): number {
    if (user >= this.users || !this.has(user, item)) {
      return this.takes(user, item, time) ? weightOf(code) : 0
    }
    if (this.removals.undoes(user, item, time)) return 0
    return Math.max(0, weightOf(code) - this.strengths.weight(user, item))
  }

  count(user: number): number {
    return this.holdings.count(user)
  }

  holdsAny(user: number): boolean {
    return this.count(user) > 0 || this.withheld.has(user)
  }

  /** Makes the ids known. Idempotent. */
  see(user: number, item: number): void {
    if (user >= this.users) {
      this.users = user + 1
      this.holdings.growUsers(this.users)
      this.removals.growUsers(this.users)
    }
    if (item < this.items) return
    this.items = item + 1
    this.owned.growItems(this.items)
  }

  /** Whether add() would put an item into the set that the user does not have: not undone, nor too old for it. */
  takes(user: number, item: number, time: number): boolean {
    if (user >= this.users) return true
    if (this.has(user, item) || this.removals.undoes(user, item, time)) return false
    return this.holdings.hasRoom(user, time)
  }

  /** Whether add() would only make an item of the user newer. */
  renews(user: number, item: number, time: number): boolean {
    if (user >= this.users || this.removals.undoes(user, item, time)) return false
    const before = this.holdings.timeOf(user, item)
    return before !== undefined && before < time && this.withheld.get(user)?.item !== item
  }

  /** `code`: of the ADD, as in strength.ts. */
  add(user: number, item: number, time: number, code = fullAdd): Change {
    this.see(user, item)
    if (this.removals.undoes(user, item, time)) return 'nothing'
    const { holdings } = this
    const before = holdings.timeOf(user, item)
    if (before === undefined) {
      const change = holdings.put(user, item, time)
      if (code !== fullAdd && change !== 'nothing') this.strengths.add(user, item, code, time)
      return change
    }
    if (before < time) holdings.renew(user, item, time)
    const isNews = this.notes(user, item, time, code, before)
    return before < time || isNews ? 'renewed' : 'nothing'
  }

  /** Whether an ADD of an item that the user has had since `before` says something new of its strength. */
  private notes(user: number, item: number, time: number, code: number, before: number): boolean {
    const { strengths } = this.holdings
    const isNoted = strengths.any(user) && strengths.has(user, item)
    if (!isNoted && code === fullAdd) return false
    if (!isNoted) strengths.add(user, item, fullAdd, before)
    return strengths.add(user, item, code, time)
  }

  /** As add() of an item the user does not have, but kept withheld from the run. */
  withhold(user: number, item: number, time: number): void {
    this.see(user, item)
    this.holdings.withhold(user, item, time)
  }

  remove(user: number, item: number, time: number): Change {
    this.see(user, item)
    if (!this.removals.add(user, item, time)) return 'nothing'
    const before = this.holdings.timeOf(user, item)
    const undone = before !== undefined && before <= time
    if (undone) this.holdings.remove(user, item)
    const floor = this.removals.floor(user)
    const sunk = this.holdings.removeUpTo(user, floor)
    const weaker = [this.strengths.undo(user, item, time), this.strengths.undoAll(user, floor)]
    return undone || sunk || weaker.includes(true) ? 'removed' : 'nothing'
  }

  /** Drops everything of the user; the id stays. */
  forget(user: number): void {
    if (user >= this.users) return
    this.holdings.clear(user)
    this.removals.forget(user)
  }

  /** Drops what is not among `items`, without a trace. */
  keepOnly(user: number, items: ReadonlySet<number>): void {
    this.holdings.keepOnly(user, items)
  }

  /** The place of an item in the user's run (0 is the oldest), or -1. */
  placeOf(user: number, item: number): number {
    return this.has(user, item) ? this.runs.placeOf(user, item) : -1
  }

  /** Where an event of this time belongs: after all of the same or an earlier time (arrival order kept). */
  placeAt(user: number, time: number): number {
    return this.runs.placeAt(user, time)
  }

  /** What a checkpoint holds of it. */
  state(): LiveState {
    return stateOf([this.holdings, this.removals].map((one) => one.state(() => this.users)))
  }

  /** Fills an empty mirror with what state() gave. `restored` is told of what need not be there any more. */
  restore(tensors: Saved, users: number, items: number, restored?: Restored): void {
    this.see(users - 1, items - 1)
    this.holdings.restore(tensors, users, restored)
    this.removals.restore(tensors, users)
  }
}
