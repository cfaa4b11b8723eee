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

  /** False where the user's bits are used up: then they are to be renewed with all that the user has. */
  add(user: number, item: number): boolean {
    this.table.set(user, item)
    this.holders[item]!++
    return this.sieve.mark(user, item)
  }

  /** Makes new bits for everything the user has: the items of all `runs`, and the `withheld` one (-1: none). */
  renewBits(user: number, runs: readonly Runs[], withheld: number): void {
    const count = runs.reduce((sum, { length }) => sum + (length[user] ?? 0), 0)
    this.sieve.renew(user, count + 1)
    for (const { items, start, length } of runs) {
      const from = start[user] ?? 0
      const to = from + (length[user] ?? 0)
      for (let slot = from; slot < to; slot++) this.sieve.mark(user, items[slot]!)
    }
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
