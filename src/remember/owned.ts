// Which user has which item. The exact answer is in a table of pairs. Most questions never reach it: every user also
// has a few bits, one for each remainder of item ids, and a bit that is not set says «surely not». The bits of one user
// lie together, so that looking up the many items drawn for that user costs no cache miss.

import type { IntMemory } from '../ports/draws.ts'
import { enlarged, heap } from './int-arrays.ts'
import { PairTable } from './pair-table.ts'
import type { Runs } from './runs.ts'

/** More than there are users. */
const leaving = 2 ** 30

export class Owned {
  /** How many users have the item; below zero for items that leave. */
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

  /** As add() for all that users 0 … users-1 have in the runs; before anything is added. */
  restore(users: number, runs: readonly Runs[]): void {
    this.table.reserve(runs.reduce((sum, { pairs }) => sum + pairs, 0))
    for (let user = 0; user < users; user++) {
      for (const { items, start, length } of runs) {
        for (let left = length[user] ?? 0, slot = start[user]!; left > 0; left--, slot++) {
          this.table.set(user, items[slot]!)
          this.holders[items[slot]!]!++
        }
      }
      if (runs.some(({ length }) => (length[user] ?? 0) > 0)) this.renewBits(user, runs, -1)
    }
  }

  /** Makes new bits for everything the user has: the items of all `runs`, and the `withheld` one (-1: none). */
  renewBits(user: number, runs: readonly Runs[], withheld: number): void {
    const count = runs.reduce((sum, { length }) => sum + (length[user] ?? 0), 0)
    this.sieve.renew(user, count + 1)
    for (const { items, start, length } of runs) {
      for (let left = length[user] ?? 0, slot = start[user]!; left > 0; left--, slot++) {
        this.sieve.mark(user, items[slot]!)
      }
    }
    if (withheld >= 0) this.sieve.mark(user, withheld)
  }

  delete(user: number, item: number): void {
    if (!this.table.delete(user, item)) return
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
  }
}

/** Bits for each pair when they are renewed; so many pairs later, half of them, they are renewed again. */
const bitsPerPair = 32
const bitsLeast = 64
/** Word 0 and 1 are nobody's and stay empty: the bits of users without pairs. */
const wordsOfNobody = bitsLeast / 32

/**
 * The bits of each user. A removed item may share its bit with another and leaves it set: it is looked up in the table
 * until the bits are renewed. Where each of the known items has a bit of its own, it is taken back: the bits are exact.
 */
export class PairSieve {
  words: Int32Array
  private used = wordsOfNobody
  /** User u's bits begin at words[start[u]]; the bit of an item is item & mask[u]. */
  start: Int32Array
  mask: Int32Array
  /** Marks that are still to come before the bits are too many. */
  private left: Int32Array = new Int32Array(256)
  /** free[k] lists starts of free bits, 2^k words each. */
  private free: number[][] = []
  private readonly memory: IntMemory

  constructor(memory: IntMemory = heap) {
    this.memory = memory
    this.words = memory.take(1024)
    this.start = memory.take(256)
    this.mask = memory.take(256).fill(bitsLeast - 1)
  }

  get bytes(): number {
    return this.words.byteLength + 3 * this.start.byteLength
  }

  growUsers(users: number): void {
    if (users <= this.start.length) return
    const size = Math.max(users, 2 * this.start.length)
    this.start = enlarged(this.memory, this.start, size)
    this.mask = enlarged(this.memory, this.mask, size, bitsLeast - 1)
    this.left = enlarged(heap, this.left, size)
  }

  /** False only where the pair was not marked since the user's bits were renewed. */
  maybe(user: number, item: number): boolean {
    if (user >= this.start.length) return false
    const bit = item & this.mask[user]!
    return ((this.words[this.start[user]! + (bit >>> 5)]! >>> (bit & 31)) & 1) === 1
  }

  /** False where the user's bits are used up: then they are to be renewed with all that the user has. */
  mark(user: number, item: number): boolean {
    if (this.left[user] === 0) return false
    this.left[user]!--
    const bit = item & this.mask[user]!
    this.words[this.start[user]! + (bit >>> 5)]! |= 1 << (bit & 31)
    return true
  }

  /** Whether no two of the items 0 … items-1 share a bit of the user. Items only become more. */
  isExact(user: number, items: number): boolean {
    return user < this.mask.length && items <= this.mask[user]! + 1
  }

  /** Takes a mark back, where it is no other's. */
  unmark(user: number, item: number): void {
    const bit = item & this.mask[user]!
    this.words[this.start[user]! + (bit >>> 5)]! &= ~(1 << (bit & 31))
  }

  /** Empties the user's bits and makes room for twice as many `pairs`, at least 1. */
  renew(user: number, pairs: number): void {
    this.clear(user)
    const bits = 2 ** Math.ceil(Math.log2(Math.max(bitsLeast, bitsPerPair * pairs)))
    this.start[user] = this.take(bits / 32)
    this.mask[user] = bits - 1
    this.left[user] = (2 * bits) / bitsPerPair
  }

  /** For a user who has nothing any more. */
  clear(user: number): void {
    const from = this.start[user]!
    if (from === 0) return
    const words = (this.mask[user]! + 1) / 32
    this.words.fill(0, from, from + words)
    ;(this.free[Math.log2(words)] ??= []).push(from)
    this.start[user] = 0
    this.mask[user] = bitsLeast - 1
    this.left[user] = 0
  }

  private take(words: number): number {
    const reused = this.free[Math.log2(words)]?.pop()
    if (reused !== undefined) return reused
    const from = this.used
    this.used += words
    if (this.used > this.words.length) {
      const size = Math.max(this.used, 2 * this.words.length)
      this.words = enlarged(this.memory, this.words, size)
    }
    return from
  }
}
