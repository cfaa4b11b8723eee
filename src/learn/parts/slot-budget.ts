// How many slots an item may have where all of them together are bounded: the same for all, a power of two, and half as
// many each time the items have doubled. Half of the bound is kept for the smaller tables that were outgrown.

import { powerOver, type SlotArena } from './partner-slots.ts'

export const slotsFirst = 4
/** A slot is two numbers of 32 bits. */
const bytesPerSlot = 8
/** Places of numbers in an arena stay below 2³¹: the lookups compute with 32 bits. */
const slotsEver = 2 ** 30

export class SlotBudget {
  /** Slots that each item may have now. */
  share: number
  readonly slotsMax: number
  /** Items with slots. */
  private items = 0
  private cursor = 0
  private readonly most: number

  /** `most`: slots that an item has use for; `bytesMax`: of the slots of all items. */
  constructor(most: number, bytesMax: number) {
    this.most = most
    this.slotsMax = Math.min(slotsEver, Math.floor(bytesMax / bytesPerSlot))
    this.share = most
    this.count(0)
  }

  /** `more` more items have slots. */
  count(more: number): void {
    this.items += more
    const even = this.slotsMax / 2 / Math.max(1, this.items)
    this.share = Math.min(this.most, Math.max(slotsFirst, powerOver(even + 1) / 2))
  }

  /** Shrinks items that have more than their share, in turn, until `size` slots are free. */
  makeRoom(
    arena: SlotArena,
    size: number,
    slots: Int32Array,
    shrink: (item: number) => void,
  ): void {
    for (let looked = 0; looked < slots.length && !arena.hasRoomFor(size); looked++) {
      this.cursor = (this.cursor + 1) % slots.length
      if (Math.abs(slots[this.cursor]!) > this.share) shrink(this.cursor)
    }
  }

  /** Where the next turn begins, for a checkpoint. */
  get turn(): number {
    return this.cursor
  }

  restore(slots: Int32Array, turn: number): void {
    this.cursor = turn
    this.items = 0
    this.count(slots.reduce((items, size) => items + (size === 0 ? 0 : 1), 0))
  }
}
