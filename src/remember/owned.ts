// Which user has which item. Most questions are answered by a few bits of the user, one for each remainder of item ids:
// a bit that is not set says «surely not». The bits of one user lie together, so that looking up the many items drawn
// for that user costs no cache miss. What is left is looked for where the item would be, or, where a user has many
// items, in a table of pairs.

import { longer } from '../arrays.ts'
import type { IntMemory } from '../ports/draws.ts'
import { PairSieve } from './pair-sieve.ts'
import { PairTable } from './pair-table.ts'
import type { Runs } from './runs/runs.ts'
import type { EarlierItems, WithheldItems } from './unlearned-items.ts'

/** More than there are users. */
const leaving = 2 ** 30
/** Up to this many items are looked through in less time than it takes to fetch a slot of a large table. */
export const lookedThroughMax = 64

/** The places of a user's items: each item is in one of them. */
export interface ItemPlaces {
  readonly runs: Runs
  readonly earlier: EarlierItems
  readonly withheld: WithheldItems
}

export class Owned {
  /** How many users have the item; below zero for items that leave. */
  holders: Int32Array = new Int32Array(256)
  private items = 0
  /** 1: all that the user has is in the table, too. */
  private tabled: Uint8Array = new Uint8Array(256)
  private readonly table = new PairTable(false)
  private readonly places: ItemPlaces
  readonly sieve: PairSieve

  constructor(places: ItemPlaces, memory: IntMemory) {
    this.places = places
    this.sieve = new PairSieve(memory)
  }

  get bytes(): number {
    const { table, sieve, holders, tabled } = this
    return table.bytes + sieve.bytes + holders.byteLength + tabled.byteLength
  }

  growUsers(users: number): void {
    this.sieve.growUsers(users)
    if (users <= this.tabled.length) return
    this.tabled = longer(this.tabled, Math.max(users, 2 * this.tabled.length))
  }

  growItems(items: number): void {
    this.items = items
    if (items <= this.holders.length) return
    this.holders = longer(this.holders, Math.max(items, 2 * this.holders.length))
  }

  has(user: number, item: number): boolean {
    return this.sieve.maybe(user, item) && this.confirms(user, item)
  }

  /** The first place of from … to-1 with an item that the user has, or `to`. */
  next(user: number, items: Int32Array, from: number, to: number): number {
    // As maybe(), with the user's bits looked up once for all items.
    const { words } = this.sieve
    const start = this.sieve.start[user] ?? 0
    const mask = this.sieve.mask[user] ?? 0
    for (let at = from; at < to; at++) {
      const item = items[at]!
      const bit = item & mask
      const isMarked = ((words[start + (bit >>> 5)]! >>> (bit & 31)) & 1) === 1
      if (isMarked && this.confirms(user, item)) return at
    }
    return to
  }

  /** What the sieve thinks possible. Nobody has an item that is not known yet; it may share a bit with a known one. */
  private confirms(user: number, item: number): boolean {
    if (item >= this.items) return false
    if (this.sieve.isExact(user, this.items)) return true
    if (this.tabled[user] === 1) return this.table.has(user, item)
    const { runs, earlier, withheld } = this.places
    return (
      runs.placeOf(user, item) >= 0 ||
      (earlier.count(user) > 0 && earlier.runs.placeOf(user, item) >= 0) ||
      withheld.get(user)?.item === item
    )
  }

  /** To be called once the item is in its place. */
  add(user: number, item: number): void {
    this.holders[item]!++
    if (this.tabled[user] === 1) this.table.set(user, item)
    else if (this.countOf(user) > lookedThroughMax) this.enlist(user)
    if (!this.sieve.mark(user, item)) this.renewBits(user)
  }

  /** As add() for all that users 0 … users-1 have; before anything is added. */
  restore(users: number): void {
    const { holders } = this
    const hold = (item: number): void => {
      holders[item]!++
    }
    for (let user = 0; user < users; user++) {
      const count = this.countOf(user)
      if (count === 0) continue
      this.forEachOf(user, hold)
      this.renewBits(user)
      if (count > lookedThroughMax) this.enlist(user)
    }
  }

  private countOf(user: number): number {
    return this.places.runs.length[user]! + this.places.earlier.count(user)
  }

  private forEachOf(user: number, visit: (item: number) => void): void {
    const { runs, earlier, withheld } = this.places
    for (const { items, start, length } of [runs, earlier.runs]) {
      const first = start[user]!
      for (let left = length[user] ?? 0, slot = first; left > 0; left--, slot++) visit(items[slot]!)
    }
    const own = withheld.get(user)
    if (own !== undefined) visit(own.item)
  }

  private enlist(user: number): void {
    this.tabled[user] = 1
    this.forEachOf(user, (item) => this.table.set(user, item))
  }

  /** Makes new bits for everything the user has. */
  private renewBits(user: number): void {
    const { sieve } = this
    sieve.renew(user, this.countOf(user) + 1)
    this.forEachOf(user, (item) => void sieve.mark(user, item))
  }

  /** Takes away what the user has; it may have left its place already. */
  delete(user: number, item: number): void {
    if (this.tabled[user] === 1) this.table.delete(user, item)
    this.holders[item]!--
    if (this.sieve.isExact(user, this.items)) this.sieve.unmark(user, item)
  }

  /** It counts as nobody's, however many still have it. */
  leave(item: number): void {
    this.holders[item]! -= leaving
  }

  /** Nobody has the item any more, and whoever gets it from now on counts. */
  left(item: number): void {
    this.holders[item] = 0
  }

  /** The user has nothing any more: their bits go, too. */
  clear(user: number): void {
    this.sieve.clear(user)
    this.tabled[user] = 0
  }
}
