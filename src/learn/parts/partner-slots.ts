// Counts of partners, in slots of (partner, count): the arena that hands slots out, in pieces of powers of two that are
// reused when they are released, and the lookup of single partners of an item: in a table with open addressing and
// linear probing, or in counts by partner, two in a slot. Partner -1 marks an empty slot.

import { longer } from '../../arrays.ts'
import { ChangedRows, type LiveState, liveRows, vectors } from '../../ports/live-state.ts'

export const emptySlot = -1

export class SlotArena {
  /** Slot s stands at 2s and 2s + 1. Replaced when it grows. */
  words: Int32Array = new Int32Array(2 * 4096)
  private used = 0
  private readonly free: number[][] = []
  /** Slots that were written to, here or by those who took them. */
  readonly changed = new ChangedRows(3)

  private readonly slotsMax: number

  /** `slotsMax`: there are never more, but for those of a checkpoint. */
  constructor(slotsMax = Number.POSITIVE_INFINITY) {
    this.slotsMax = slotsMax
  }

  /** Whether `size` slots, a power of two, can be taken. */
  hasRoomFor(size: number): boolean {
    return this.used + size <= this.slotsMax || this.freeFrom(size) !== undefined
  }

  /** The first of `size` empty slots, a power of two; out of a larger piece where there is no other room. */
  take(size: number): number {
    const reused = this.free[size]?.pop()
    if (reused !== undefined) return reused
    return this.used + size > this.slotsMax ? this.divided(size) : this.extend(size)
  }

  private divided(size: number): number {
    const whole = this.freeFrom(size)
    if (whole === undefined) throw new RangeError(`no ${size} slots are left`)
    const from = this.free[whole]!.pop()!
    for (let half = whole / 2; half >= size; half /= 2) (this.free[half] ??= []).push(from + half)
    return from
  }

  /** The size of the smallest free pieces of at least this size. */
  private freeFrom(size: number): number | undefined {
    for (let own = size; own < this.free.length; own *= 2) {
      if ((this.free[own]?.length ?? 0) > 0) return own
    }
    return undefined
  }

  private extend(size: number): number {
    const from = this.used
    this.used += size
    if (2 * this.used > this.words.length) {
      this.words = longer(this.words, 2 * Math.max(this.used, this.words.length))
    }
    // Not before: to write to all that an arena has room for takes long.
    const { words } = this
    for (let slot = from; slot < this.used; slot++) words[2 * slot] = emptySlot
    return from
  }

  /** Empties the slots, too. */
  release(from: number, size: number): void {
    const { words } = this
    for (let at = 2 * from; at < 2 * (from + size); at += 2) {
      words[at] = emptySlot
      words[at + 1] = 0
    }
    this.changed.markRange(from, from + size)
    ;(this.free[size] ??= []).push(from)
  }

  /** All slots handed out so far, and (size, first slot) of the pieces that came back. */
  state(prefix: string): LiveState {
    const slots = () => [[`${prefix}.arena`, { shape: [this.used, 2], data: this.words }]] as const
    return {
      live: [liveRows(this.changed, () => this.used, slots)],
      rest: () => {
        const freed = this.free.flatMap((starts, size) =>
          (starts ?? []).flatMap((at) => [size, at]),
        )
        return vectors(prefix, { free: Int32Array.from(freed) })
      },
    }
  }

  /** Fills an empty arena with what state() gave. */
  restore(slots: ArrayLike<number>, freed: ArrayLike<number>): void {
    this.extend(slots.length / 2)
    this.words.set(slots)
    for (let k = 0; k + 1 < freed.length; k += 2) (this.free[freed[k]!] ??= []).push(freed[k + 1]!)
  }
}

/** The least power of two that is not below n. */
export function powerOver(n: number): number {
  return 2 ** Math.ceil(Math.log2(n))
}

/** Where a partner belongs, before the mask of the table. */
export function homeOf(partner: number): number {
  return Math.imul(partner, 0x9e37_79b1) >>> 7
}

/** Where the partner stands in a table of `size` slots from `first`, or the empty slot where it belongs. */
export function slotIn(words: Int32Array, first: number, size: number, partner: number): number {
  const mask = size - 1
  let at = homeOf(partner) & mask
  for (;;) {
    const found = words[2 * (first + at)]!
    if (found === partner || found === emptySlot) return first + at
    at = (at + 1) & mask
  }
}

/** out[at + x] = the count of partners[x] in a table of `size` slots from `first`; below zero: counts by partner. */
export function takeCounts(
  words: Int32Array,
  first: number,
  size: number,
  partners: Int32Array,
  out: Int32Array,
  at: number,
): void {
  const n = partners.length
  if (size > 0) {
    takeFromTable(words, first, size, partners, out, at)
    return
  }
  const [base, reach] = [2 * first, -2 * size]
  for (let x = 0; x < n; x++) {
    const partner = partners[x]!
    out[at + x] = partner < reach ? words[base + partner]! : 0
  }
}

/**
 * In two passes. The first only fetches what stands where each partner belongs, and nothing decides by it: in a table
 * that is not in the cache all of these wait at the same time. A branch on each at once would wait for one after the
 * other.
 */
function takeFromTable(
  words: Int32Array,
  first: number,
  size: number,
  partners: Int32Array,
  out: Int32Array,
  at: number,
): void {
  const [n, mask] = [partners.length, size - 1]
  for (let x = 0; x < n; x++) out[at + x] = words[2 * (first + (homeOf(partners[x]!) & mask))]!
  for (let x = 0; x < n; x++) {
    const [found, partner] = [out[at + x]!, partners[x]!]
    if (found === emptySlot) out[at + x] = 0
    else out[at + x] = words[2 * slotIn(words, first, size, partner) + 1]!
  }
}

/** A copy of the items that were looked up last; the next copy is written to the same array. */
export function createList() {
  let kept = new Int32Array(128)
  let count = -1
  return {
    is(list: Int32Array): boolean {
      if (count !== list.length) return false
      const own = kept
      for (let k = 0; k < count; k++) if (own[k] !== list[k]) return false
      return true
    },
    become(list: Int32Array): void {
      if (kept.length < list.length) kept = new Int32Array(2 * list.length)
      kept.set(list)
      count = list.length
    },
  }
}
