// A few bits of each user, one for each remainder of item ids: a bit that is not set says that the user surely does not
// have any item of that remainder. The bits of one user lie together.

import type { IntMemory } from '../ports/draws.ts'
import { enlarged, heap } from './int-arrays.ts'

/** Bits for each pair when they are renewed; this many pairs later, half of them, they are renewed again. */
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
  /** free[k] is where the newest free bits of 2^k words are, whose first word says where the next are; 0: nowhere. */
  private readonly free: number[] = []
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
    // The next power of two.
    const bits = 2 ** (32 - Math.clz32(Math.max(bitsLeast, bitsPerPair * pairs) - 1))
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
    this.words[from] = this.free[Math.log2(words)] ?? 0
    this.free[Math.log2(words)] = from
    this.start[user] = 0
    this.mask[user] = bitsLeast - 1
    this.left[user] = 0
  }

  private take(words: number): number {
    const reused = this.free[Math.log2(words)] ?? 0
    if (reused > 0) {
      this.free[Math.log2(words)] = this.words[reused]!
      this.words[reused] = 0
      return reused
    }
    const from = this.used
    this.used += words
    if (this.used > this.words.length) {
      const size = Math.max(this.used, 2 * this.words.length)
      this.words = enlarged(this.memory, this.words, size)
    }
    return from
  }
}
