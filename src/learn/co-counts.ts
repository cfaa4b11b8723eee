// How often two items were chosen by the same users, for every item a bounded table of partners. A table that is
// full makes room by dropping the rarest of a few partners that a moving hand points at.
//
// A table is a power of two of slots in a flat arena. A slot is (partner, count) side by side, so that a look-up costs
// one line of the cache; partner -1 marks an empty one. Places in the arena are counted in slots.

import type { Tensor } from '../ports/checkpoint-store.ts'
import type { SparseSums } from './sparse-sums.ts'

const emptySlot = -1
const slotsFirst = 4
const fillMax = 0.75
const handReach = 8

export interface CoCounts {
  /** Adds one to count(from → to). */
  add(from: number, to: number): void
  count(from: number, to: number): number
  /** Adds weight · count(from → partner) to the sum of every partner of `from`. */
  scatter(from: number, weight: number, into: SparseSums): void
  readonly bytes: number
  save(): ReadonlyMap<string, Tensor>
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

/** `partnersMax`: most partners an item keeps, 3 or more. */
export function createCoCounts(name: string, partnersMax: number): CoCounts {
  let arena = emptySlots(4096)
  let used = 0
  let start = new Int32Array(256).fill(-1)
  let slots = new Int32Array(256)
  let fill = new Int32Array(256)
  const free: number[][] = []
  let hand = 0

  /** Where the partner stands in the table of the item, or the empty slot where it belongs. */
  function slotOf(item: number, partner: number): number {
    const mask = slots[item]! - 1
    const first = start[item]!
    let at = homeOf(partner) & mask
    for (;;) {
      const found = arena[2 * (first + at)]!
      if (found === partner || found === emptySlot) return first + at
      at = (at + 1) & mask
    }
  }

  function take(size: number): number {
    const reused = free[size]?.pop()
    if (reused !== undefined) return reused
    const from = used
    used += size
    if (2 * used > arena.length) {
      const more = emptySlots(Math.max(used, arena.length))
      more.set(arena)
      arena = more
    }
    return from
  }

  function enlarge(item: number): void {
    const size = slots[item]!
    const from = start[item]!
    const next = Math.max(slotsFirst, 2 * size)
    start[item] = take(next)
    slots[item] = next
    for (let at = from; at < from + size; at++) {
      if (arena[2 * at] === emptySlot) continue
      move(at, slotOf(item, arena[2 * at]!))
    }
    if (size > 0) (free[size] ??= []).push(from)
  }

  function move(from: number, to: number): void {
    arena[2 * to] = arena[2 * from]!
    arena[2 * to + 1] = arena[2 * from + 1]!
    arena[2 * from] = emptySlot
    arena[2 * from + 1] = 0
  }

  /** Drops the rarest of the partners under the hand, and closes the gap in the probe chain. */
  function makeRoom(item: number): void {
    const mask = slots[item]! - 1
    const first = start[item]!
    const partnerAt = (at: number) => arena[2 * (first + at)]!
    const countAt = (at: number) => arena[2 * (first + at) + 1]!
    let rarest = -1
    for (let looked = 0; looked < handReach; hand++) {
      const at = hand & mask
      if (partnerAt(at) === emptySlot) continue
      if (rarest < 0 || countAt(at) < countAt(rarest)) rarest = at
      looked++
    }
    let hole = rarest
    arena[2 * (first + hole)] = emptySlot
    arena[2 * (first + hole) + 1] = 0
    for (let at = (hole + 1) & mask; partnerAt(at) !== emptySlot; at = (at + 1) & mask) {
      const home = homeOf(partnerAt(at)) & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      move(first + at, first + hole)
      hole = at
    }
    fill[item]!--
  }

  function grow(items: number): void {
    if (items <= start.length) return
    const size = Math.max(items, 2 * start.length)
    start = moreOf(start, size, -1)
    slots = moreOf(slots, size, 0)
    fill = moreOf(fill, size, 0)
  }

  return {
    add(from, to) {
      grow(from + 1)
      if (slots[from] === 0) enlarge(from)
      let slot = slotOf(from, to)
      if (arena[2 * slot] === emptySlot) {
        if (fill[from]! >= partnersMax) {
          makeRoom(from)
          slot = slotOf(from, to)
        } else if (fill[from]! + 1 > fillMax * slots[from]!) {
          enlarge(from)
          slot = slotOf(from, to)
        }
        arena[2 * slot] = to
        fill[from]!++
      }
      arena[2 * slot + 1]!++
    },
    count(from, to) {
      if (from >= start.length || slots[from] === 0) return 0
      return arena[2 * slotOf(from, to) + 1]!
    },
    scatter(from, weight, into) {
      if (from >= start.length) return
      const first = 2 * start[from]!
      const end = first + 2 * slots[from]!
      if (into.places === undefined) addAll(arena, first, end, weight, into.sums)
      else addNoted(arena, first, end, weight, into, into.places)
    },
    get bytes() {
      return 4 * arena.length + 12 * start.length
    },
    save() {
      const freed = free.flatMap((starts, size) => (starts ?? []).flatMap((at) => [size, at]))
      return new Map<string, Tensor>([
        [`${name}.arena`, { shape: [used, 2], data: arena.slice(0, 2 * used) }],
        [`${name}.start`, vector(start.slice())],
        [`${name}.slots`, vector(slots.slice())],
        [`${name}.fill`, vector(fill.slice())],
        [`${name}.free`, vector(Int32Array.from(freed))],
        [`${name}.facts`, vector(Float64Array.of(hand))],
      ])
    },
    restore(tensors) {
      const read = (what: string) => tensors.get(`${name}.${what}`)?.data ?? new Int32Array(0)
      grow(read('start').length)
      start.set(read('start'))
      slots.set(read('slots'))
      fill.set(read('fill'))
      take(read('arena').length / 2)
      arena.set(read('arena'))
      const freed = read('free')
      for (let k = 0; k + 1 < freed.length; k += 2) (free[freed[k]!] ??= []).push(freed[k + 1]!)
      hand = read('facts')[0] ?? 0
    },
  }
}

/** Empty slots add 0 to what is nobody's: there is no telling beforehand which they are. */
function addAll(
  arena: Int32Array,
  first: number,
  end: number,
  weight: number,
  sums: Float64Array,
): void {
  for (let at = first; at < end; at += 2) sums[arena[at]! + 1]! += weight * arena[at + 1]!
}

function addNoted(
  arena: Int32Array,
  first: number,
  end: number,
  weight: number,
  into: SparseSums,
  places: Int32Array,
): void {
  const { sums } = into
  for (let at = first; at < end; at += 2) {
    const place = arena[at]! + 1
    if (place === emptySlot + 1) continue
    const before = sums[place]!
    if (before === 0) places[into.count++] = place
    sums[place] = before + weight * arena[at + 1]!
  }
}

function homeOf(partner: number): number {
  return Math.imul(partner, 0x9e37_79b1) >>> 7
}

function emptySlots(slots: number): Int32Array<ArrayBuffer> {
  const arena = new Int32Array(2 * slots)
  for (let at = 0; at < slots; at++) arena[2 * at] = emptySlot
  return arena
}

function vector(data: Int32Array | Float64Array): Tensor {
  return { shape: [data.length], data }
}

function moreOf(array: Int32Array, length: number, empty: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(length).fill(empty)
  more.set(array)
  return more
}
