// How often two items were chosen by the same users, for every item a bounded table of partners. A table that is full
// makes room by dropping the rarest of a few partners that a moving hand points at. It is a power of two of slots in a
// flat arena (partner-slots.ts): a look-up costs one line of the cache.
//
// Where the counts of all partners up to the last take no more than four times that room, nor more than a full table,
// they stand by partner instead, two in a slot: nothing is looked for then, and nothing is dropped.

import { longer } from '../../arrays.ts'
import type { Tensor } from '../../ports/checkpoint-store.ts'
import { ChangedRows, type LiveState, liveState, stateOf, vectors } from '../../ports/live-state.ts'
import { emptySlot, powerOver, SlotArena, slotIn, takeCounts } from './partner-slots.ts'
import {
  createListed,
  dropPartners,
  keepFrequent,
  type ListedCounts,
  lastOf,
  listCounts,
  removeRarest,
  SlotBudget,
  scaleCounts,
  slotsFirst,
  writeListed,
} from './slot-room.ts'
import { addByPartner, addTable, type SparseSums } from './sparse-sums.ts'

const fillMax = 0.75
/** How much more room than a table counts by partner may take. */
const roomierMax = 4

export interface CoCounts {
  /** Adds to count(from → to), one where it is left out. */
  add(from: number, to: number, more?: number): void
  /** All counts are `by` times as high from now on. */
  scale(by: number): void
  count(from: number, to: number): number
  /** Adds r · count(from → partner) to what `into` has of every partner of `from`, to the sum with the weight w. */
  scatter(from: number, r: number, w: number, into: SparseSums): void
  /** out[at + x] = count(from → partners[x]) */
  counts(from: number, partners: Int32Array, out: Int32Array, at: number): void
  /** Every partner of `from` with its count. */
  list(from: number, into: ListedCounts): void
  slotsOf(from: number): number
  /** Items with a 1 have no counts any more. */
  drop(gone: Uint8Array): void
  /** Items from … to-1 have no counts of partners with a 1 any more. */
  dropPartners(gone: Uint8Array, from: number, to: number): void
  readonly bytes: number
  readonly state: LiveState
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

/** `partnersMax`: most partners an item keeps, 3 or more; `bytesMax`: of all counts, shared out evenly. */
export function createCoCounts(
  name: string,
  partnersMax: number,
  bytesMax = Number.POSITIVE_INFINITY,
): CoCounts {
  const budget = new SlotBudget(Math.max(slotsFirst, powerOver(partnersMax / fillMax)), bytesMax)
  const arena = new SlotArena(budget.slotsMax)
  let start: Int32Array = new Int32Array(256).fill(-1)
  /** By item, how many slots it has; negative where its counts lie by partner. */
  let slots: Int32Array = new Int32Array(256)
  /** Partners in a table. */
  let fill: Int32Array = new Int32Array(256)
  let hand = 0
  const changedItems = new ChangedRows(4)
  /** What is moved, and what is made smaller meanwhile for want of room. */
  const [listed, shrunk] = [createListed(), createListed()]

  function slotsOf(item: number): number {
    return item < start.length ? Math.abs(slots[item]!) : 0
  }

  /** Partners that an item may keep now. */
  const partnersNow = () => Math.min(partnersMax, Math.floor(fillMax * budget.share))

  /** Brings what the item has into a form that has room for `to`, too (-1: nobody); the rarest beyond its share go. */
  function enlarge(item: number, to: number, kept = listed): void {
    const more = to < 0 ? 0 : 1
    if (slotsOf(item) === 0) budget.count(1)
    listCounts(arena.words, start[item]!, slots[item] ?? 0, kept)
    if (slotsOf(item) > 0) vacate(item)
    keepFrequent(kept, partnersNow() - more)
    const tableSlots = Math.max(slotsFirst, powerOver((kept.size + more) / fillMax))
    place(item, tableSlots, powerOver(1 + Math.max(to, lastOf(kept))))
    writeListed(kept, arena.words, start[item]!, slots[item]!)
    if (slots[item]! > 0) fill[item] = kept.size
  }

  function vacate(item: number): void {
    arena.release(start[item]!, slotsOf(item))
    start[item] = -1
    slots[item] = fill[item] = 0
    changedItems.mark(item)
  }

  /** An empty table, or empty counts of the partners below `wide`. */
  function place(item: number, tableSlots: number, wide: number): void {
    const byPartner = wide <= 2 * Math.min(roomierMax * tableSlots, budget.share)
    const size = byPartner ? Math.max(1, wide / 2) : tableSlots
    budget.makeRoom(arena, size, slots, (other) => enlarge(other, -1, shrunk))
    const first = arena.take(size)
    start[item] = first
    slots[item] = byPartner ? -size : size
    fill[item] = 0
    if (byPartner) arena.words.fill(0, 2 * first, 2 * (first + size))
    arena.changed.markRange(first, first + size)
    changedItems.mark(item)
  }

  function put(from: number, to: number, more: number): void {
    if (slots[from]! < 0) {
      count(2 * start[from]! + to, more)
      return
    }
    let slot = slotIn(arena.words, start[from]!, slots[from]!, to)
    if (arena.words[2 * slot] === emptySlot) {
      const isWithin = slots[from]! <= budget.share
      if (isWithin && fill[from]! >= partnersNow()) {
        makeRoom(from)
        slot = slotIn(arena.words, start[from]!, slots[from]!, to)
      } else if (!isWithin || fill[from]! + 1 > fillMax * slots[from]!) {
        enlarge(from, to)
        put(from, to, more)
        return
      }
      arena.words[2 * slot] = to
      fill[from]!++
      changedItems.mark(from)
    }
    count(2 * slot + 1, more)
  }

  function count(at: number, more: number): void {
    arena.words[at]! += more
    arena.changed.mark(at >> 1)
  }

  function makeRoom(item: number): void {
    hand = removeRarest(arena.words, start[item]!, slots[item]! - 1, hand)
    fill[item]!--
    changedItems.mark(item)
    arena.changed.markRange(start[item]!, start[item]! + slots[item]!)
  }

  function grow(items: number): void {
    if (items <= start.length) return
    const size = Math.max(items, 2 * start.length)
    ;[start, slots, fill] = [longer(start, size, -1), longer(slots, size), longer(fill, size)]
  }
  const items = () => vectors(name, { start, slots, fill })
  const facts = () => vectors(name, { facts: Float64Array.of(hand, budget.turn) })
  return {
    add(from, to, more = 1) {
      // Nearly always the pair has been counted before.
      const size = slots[from] ?? 0
      if (size > 0) {
        const slot = slotIn(arena.words, start[from]!, size, to)
        if (arena.words[2 * slot] === to) count(2 * slot + 1, more)
        else put(from, to, more)
      } else if (to < -2 * size) count(2 * start[from]! + to, more)
      else {
        grow(from + 1)
        enlarge(from, to)
        put(from, to, more)
      }
    },
    scale(by) {
      for (const [item, first] of start.entries()) scaleCounts(arena.words, first, slots[item]!, by)
      arena.changed.markAll()
    },
    count(from, to) {
      const found = new Int32Array(1)
      takeCounts(arena.words, start[from] ?? 0, slots[from] ?? 0, Int32Array.of(to), found, 0)
      return found[0]!
    },
    counts(from, partners, out, at) {
      takeCounts(arena.words, start[from] ?? 0, slots[from] ?? 0, partners, out, at)
    },
    scatter(from, r, w, into) {
      const size = slotsOf(from)
      if (size === 0) return
      if (slots[from]! < 0) addByPartner(into, r, w, arena.words, start[from]!, size)
      else addTable(into, r, w, arena.words, start[from]!, size)
    },
    list: (from, into) => listCounts(arena.words, start[from] ?? 0, slots[from] ?? 0, into),
    slotsOf,
    drop(gone) {
      for (let item = 0; item < Math.min(gone.length, start.length); item++) {
        if (gone[item] !== 1 || slotsOf(item) === 0) continue
        vacate(item)
        budget.count(-1)
      }
    },
    dropPartners(gone, from, to) {
      for (let item = from; item < Math.min(to, start.length); item++) {
        const dropped = dropPartners(arena.words, start[item]!, slots[item]!, gone)
        if (dropped === 0) continue
        if (slots[item]! > 0) fill[item]! -= dropped
        arena.changed.markRange(start[item]!, start[item]! + slotsOf(item))
        changedItems.mark(item)
      }
    },
    get bytes() {
      return 4 * arena.words.length + 12 * start.length
    },
    state: stateOf([arena.state(name), liveState(changedItems, () => start.length, items, facts)]),
    restore(tensors) {
      const read = (what: string) => tensors.get(`${name}.${what}`)?.data ?? new Int32Array(0)
      grow(read('start').length)
      start.set(read('start'))
      slots.set(read('slots'))
      fill.set(read('fill'))
      arena.restore(read('arena'), read('free'))
      hand = read('facts')[0] ?? 0
      budget.restore(slots, read('facts')[1] ?? 0)
    },
  }
}
