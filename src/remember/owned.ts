// Which user has which item: the exact table of pairs behind bits per user that answer most questions alone. Where a
// user's bits reach over the whole catalogue, each item has its own and they answer all.

import type { IntMemory } from '../ports/draws.ts'
import { PairSieve } from './pair-sieve.ts'
import { PairTable } from './pair-table.ts'
import type { Runs } from './runs.ts'

export class Owned {
  /** How many users have the item. */
  holders = new Int32Array(256)
  private items = 0
  private readonly table = new PairTable(false)
  readonly sieve: PairSieve

  constructor(memory: IntMemory) {
    this.sieve = new PairSieve(memory)
  }

  get bytes(): number {
    return this.table.bytes + this.sieve.bytes + this.holders.byteLength
  }

  growUsers(users: number): void {
    this.sieve.growUsers(users)
  }

  growItems(items: number): void {
    this.items = items
    if (items <= this.holders.length) return
    const holders = new Int32Array(Math.max(items, 2 * this.holders.length))
    holders.set(this.holders)
    this.holders = holders
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
    return this.sieve.isExact(user, this.items) || this.table.has(user, item)
  }

  /** Adds a pair, after the item has come into the user's run or is `withheld` (-1: nothing does). */
  add(user: number, item: number, runs: Runs, withheld: number): void {
    this.table.set(user, item)
    this.holders[item]!++
    if (this.sieve.mark(user, item)) return
    const from = runs.start[user]!
    const count = runs.length[user]!
    this.sieve.renew(user, count + 1)
    for (let slot = from; slot < from + count; slot++) this.sieve.mark(user, runs.items[slot]!)
    if (withheld >= 0) this.sieve.mark(user, withheld)
  }

  delete(user: number, item: number): void {
    if (!this.table.delete(user, item)) return
    this.holders[item]!--
    if (this.sieve.isExact(user, this.items)) this.sieve.unmark(user, item)
  }

  /** The user has nothing any more: their bits go, too. */
  clear(user: number): void {
    this.sieve.clear(user)
  }
}
