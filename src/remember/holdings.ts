// What each user has at this moment, each item in one place: in the run that is their positive set, among the earlier
// items that the set has no room for, or withheld from both. What answers quickly who has what (owned.ts) is kept in
// step with these.

import type { Tensor } from '../ports/checkpoint-store.ts'
import type { IntMemory } from '../ports/draws.ts'
import { type LiveState, stateOf } from '../ports/live-state.ts'
import type { PositivesLimits } from './limits.ts'
import { Owned } from './owned.ts'
import { Runs } from './runs/runs.ts'
import { Strengths } from './times/strengths.ts'
import { EarlierItems, readWithheld, WithheldItems } from './unlearned-items.ts'

/** The tensors of a checkpoint. */
export type Saved = ReadonlyMap<string, Tensor>
/** Is told of state that nothing reads from the checkpoint any more. */
export type Restored = (state: LiveState) => void

export class Holdings {
  /** The positive sets, in order of time. */
  readonly runs: Runs
  readonly earlier: EarlierItems
  readonly withheld: WithheldItems
  readonly owned: Owned
  readonly strengths = new Strengths()
  /** Items in all runs. */
  size = 0
  private readonly max: number

  /** `memory`: where what draws read is kept. */
  constructor(limits: PositivesLimits, memory: IntMemory) {
    this.max = limits.positivesPerUserMax
    this.runs = new Runs(memory)
    this.earlier = new EarlierItems(limits.earlierItemsPerUserMax ?? 0, memory)
    this.withheld = new WithheldItems(memory)
    this.owned = new Owned(this, memory)
  }

  get bytes(): number {
    return this.runs.bytes + this.earlier.bytes + this.owned.bytes + this.strengths.bytes
  }

  growUsers(users: number): void {
    this.runs.growUsers(users)
    this.owned.growUsers(users)
  }

  count(user: number): number {
    return this.runs.length[user] ?? 0
  }

  /** Whether an item of this time belongs into the positive set. */
  hasRoom(user: number, time: number): boolean {
    return this.count(user) < this.max || this.runs.placeAt(user, time) > 0
  }

  /** When the user got the item; undefined: they do not have it. */
  timeOf(user: number, item: number): number | undefined {
    if (!this.owned.has(user, item)) return undefined
    const withheld = this.withheld.get(user)
    if (withheld?.item === item) return withheld.time
    const place = this.runs.placeOf(user, item)
    return place < 0
      ? this.earlier.timeOf(user, item)
      : this.runs.times.at(this.runs.start[user]! + place)
  }

  /** Gives the user an item they do not have; `nothing`: it is older than all that has room. */
  put(user: number, item: number, time: number): 'added' | 'earlier' | 'nothing' {
    if (this.hasRoom(user, time)) {
      this.runs.insert(user, this.runs.placeAt(user, time), item, time)
      this.size++
      this.owned.add(user, item)
      this.keepNewest(user)
      return 'added'
    }
    const lost = this.earlier.put(user, item, time)
    if (lost === item) return 'nothing'
    this.owned.add(user, item)
    if (lost >= 0) this.disown(user, lost)
    return 'earlier'
  }

  /** As put(), but withheld from the run. */
  withhold(user: number, item: number, time: number): void {
    this.withheld.set(user, item, time)
    this.owned.add(user, item)
  }

  /** Gives an item that the user has a newer time. */
  renew(user: number, item: number, time: number): void {
    const { runs, earlier, withheld } = this
    if (withheld.get(user)?.item === item) {
      withheld.set(user, item, time)
      return
    }
    const place = runs.placeOf(user, item)
    if (place >= 0) {
      runs.remove(user, place)
      runs.insert(user, runs.placeAt(user, time), item, time)
      return
    }
    earlier.remove(user, item)
    // It leaves room behind, so nothing is lost.
    if (!this.hasRoom(user, time)) return void earlier.put(user, item, time)
    runs.insert(user, runs.placeAt(user, time), item, time)
    this.size++
    this.keepNewest(user)
  }

  /** Takes an item away that the user has. */
  remove(user: number, item: number): void {
    this.take(user, item)
    this.keepNewest(user)
  }

  /** Takes everything away that is not newer than `floor`; false: there was nothing. */
  removeUpTo(user: number, floor: number): boolean {
    if (floor === Number.NEGATIVE_INFINITY) return false
    const { runs, earlier, withheld } = this
    let removed = false
    const drop = (item: number): void => {
      this.take(user, item)
      removed = true
    }
    while (earlier.oldestTime(user) <= floor) drop(earlier.itemsOf(user)[0]!)
    while (this.count(user) > 0 && runs.times.at(runs.start[user]!) <= floor) {
      drop(runs.items[runs.start[user]!]!)
    }
    const own = withheld.get(user)
    if (own !== undefined && own.time <= floor) drop(own.item)
    return removed
  }

  keepOnly(user: number, items: ReadonlySet<number>): void {
    for (const item of this.allOf(user)) if (!items.has(item)) this.take(user, item)
    this.keepNewest(user)
  }

  clear(user: number): void {
    for (const item of this.allOf(user)) this.owned.delete(user, item)
    this.strengths.clear(user)
    this.size -= this.count(user)
    this.runs.clear(user)
    this.earlier.clear(user)
    this.withheld.delete(user)
    this.owned.clear(user)
  }

  private allOf(user: number): number[] {
    const { runs, earlier, withheld } = this
    const own = withheld.get(user)
    const kept = own === undefined ? [] : [own.item]
    return [...runs.itemsOf(user), ...earlier.itemsOf(user), ...kept]
  }

  private take(user: number, item: number): void {
    const { runs, earlier, withheld } = this
    this.disown(user, item)
    if (withheld.get(user)?.item === item) {
      withheld.delete(user)
      return
    }
    const place = runs.placeOf(user, item)
    if (place < 0) {
      earlier.remove(user, item)
      return
    }
    runs.remove(user, place)
    this.size--
  }

  /** Moves items between the run and the earlier ones, so that the run holds the newest. */
  private keepNewest(user: number): void {
    const { runs, earlier } = this
    while (this.count(user) > this.max) {
      const slot = runs.start[user]!
      const lost = earlier.put(user, runs.items[slot]!, runs.times.at(slot))
      runs.remove(user, 0)
      this.size--
      if (lost >= 0) this.disown(user, lost)
    }
    while (earlier.count(user) > 0 && this.count(user) < this.max) {
      const { item, time } = earlier.takeNewest(user)
      runs.insert(user, 0, item, time)
      this.size++
    }
  }

  private disown(user: number, item: number): void {
    this.owned.delete(user, item)
    this.strengths.drop(user, item)
  }

  state(users: () => number): LiveState {
    const others = [this.earlier, this.withheld, this.strengths].map((one) => one.state())
    return stateOf([this.runs.state(users, 'positives'), ...others])
  }

  /**
   * Fills empty holdings with what state() gave; growUsers() and the items' growth come before. `restored` is told of
   * the runs as soon as nothing reads them from `tensors` any more: what is made of them takes memory, too.
   */
  restore(tensors: Saved, users: number, restored?: Restored): void {
    this.runs.restore(tensors, 'positives')
    restored?.(this.runs.state(() => users, 'positives'))
    this.earlier.restore(tensors)
    this.strengths.restore(tensors)
    const { earlier, owned } = this
    owned.restore(users)
    for (let user = 0; user < users; user++) {
      this.size += this.count(user)
      if (this.count(user) <= this.max && earlier.count(user) === 0) continue
      // The bounds may have been other ones.
      this.keepNewest(user)
      for (const item of this.earlier.takeExcess(user)) this.disown(user, item)
    }
    for (const one of readWithheld(tensors.get('withheld'))) this.withhold(...one)
  }
}
