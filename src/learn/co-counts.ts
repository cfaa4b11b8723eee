// How often two items were chosen by the same users, for every item a bounded table of partners. A table that is
// full makes room by dropping the rarest of a few partners that a moving hand points at.
//
// A table is a power of two of slots (partner, count) in a flat arena; item -1 marks an empty slot.

import type { Tensor } from '../ports/checkpoint-store.ts'

const emptySlot = -1
const slotsFirst = 4
const fillMax = 0.75
const handReach = 8

export interface CoCounts {
  /** Adds one to count(from → to). */
  add(from: number, to: number): void
  count(from: number, to: number): number
  /** into[partner] += weight · count(from → partner) for every partner of `from`. */
  scatter(from: number, weight: (partner: number) => number, into: Float32Array): void
  readonly bytes: number
  readonly dropped: number
  save(): ReadonlyMap<string, Tensor>
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

/** `partnersMax`: most partners an item keeps, 3 or more. */
export function createCoCounts(name: string, partnersMax: number): CoCounts {
  const slotsMax = 2 ** Math.ceil(Math.log2(Math.max(slotsFirst, partnersMax / fillMax)))
  let partners = new Int32Array(4096).fill(emptySlot)
  let counts = new Float32Array(4096)
  let used = 0
  let start = new Int32Array(256).fill(-1)
  let slots = new Int32Array(256)
  let fill = new Int32Array(256)
  const free: number[][] = []
  let hand = 0
  let dropped = 0

  function slotOf(item: number, partner: number): number {
    const mask = slots[item]! - 1
    const first = start[item]!
    let at = Math.imul(partner, 0x9e37_79b1) >>> 7
    while (partners[first + (at & mask)] !== emptySlot) {
      if (partners[first + (at & mask)] === partner) return first + (at & mask)
      at++
    }
    return first + (at & mask)
  }

  function take(size: number): number {
    const reused = free[size]?.pop()
    if (reused !== undefined) return reused
    const from = used
    used += size
    if (used > partners.length) {
      const length = Math.max(used, 2 * partners.length)
      const morePartners = new Int32Array(length).fill(emptySlot)
      morePartners.set(partners)
      partners = morePartners
      counts = moreOf(counts, length)
    }
    return from
  }

  function enlarge(item: number): void {
    const size = slots[item]!
    const from = start[item]!
    const next = Math.max(slotsFirst, 2 * size)
    const to = take(next)
    start[item] = to
    slots[item] = next
    for (let at = from; at < from + size; at++) {
      const partner = partners[at]!
      if (partner === emptySlot) continue
      const slot = slotOf(item, partner)
      partners[slot] = partner
      counts[slot] = counts[at]!
      partners[at] = emptySlot
      counts[at] = 0
    }
    if (size > 0) (free[size] ??= []).push(from)
  }

  /** Drops the rarest of the partners under the hand, and closes the gap in the probe chain. */
  function makeRoom(item: number): void {
    const mask = slots[item]! - 1
    const first = start[item]!
    let rarest = -1
    for (let looked = 0; looked < handReach; hand++) {
      const at = hand & mask
      if (partners[first + at] === emptySlot) continue
      if (rarest < 0 || counts[first + at]! < counts[first + rarest]!) rarest = at
      looked++
    }
    let hole = rarest
    for (let at = (hole + 1) & mask; partners[first + at] !== emptySlot; at = (at + 1) & mask) {
      const home = (Math.imul(partners[first + at]!, 0x9e37_79b1) >>> 7) & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      partners[first + hole] = partners[first + at]!
      counts[first + hole] = counts[first + at]!
      hole = at
    }
    partners[first + hole] = emptySlot
    counts[first + hole] = 0
    fill[item]!--
    dropped++
  }

  function grow(items: number): void {
    if (items <= start.length) return
    const size = Math.max(items, 2 * start.length)
    const moreStart = new Int32Array(size).fill(-1)
    moreStart.set(start)
    start = moreStart
    slots = moreOf(slots, size)
    fill = moreOf(fill, size)
  }

  return {
    add(from, to) {
      grow(from + 1)
      if (slots[from] === 0) enlarge(from)
      let slot = slotOf(from, to)
      if (partners[slot] === emptySlot) {
        if (fill[from]! + 1 > fillMax * slots[from]!) {
          if (slots[from]! < slotsMax) enlarge(from)
          else makeRoom(from)
          slot = slotOf(from, to)
        }
        partners[slot] = to
        fill[from]!++
      }
      counts[slot]!++
    },
    count(from, to) {
      if (from >= start.length || slots[from] === 0) return 0
      return counts[slotOf(from, to)]!
    },
    scatter(from, weight, into) {
      if (from >= start.length) return
      const first = start[from]!
      for (let at = first; at < first + slots[from]!; at++) {
        const partner = partners[at]!
        if (partner !== emptySlot) into[partner]! += weight(partner) * counts[at]!
      }
    },
    get bytes() {
      return 8 * partners.length + 12 * start.length
    },
    get dropped() {
      return dropped
    },
    save() {
      const freed = free.flatMap((starts, size) => (starts ?? []).flatMap((at) => [size, at]))
      const facts = [hand, dropped]
      return new Map<string, Tensor>([
        [`${name}.partners`, vector(partners.slice(0, used))],
        [`${name}.counts`, vector(counts.slice(0, used))],
        [`${name}.start`, vector(start.slice())],
        [`${name}.slots`, vector(slots.slice())],
        [`${name}.fill`, vector(fill.slice())],
        [`${name}.free`, vector(Int32Array.from(freed))],
        [`${name}.facts`, vector(Float64Array.from(facts))],
      ])
    },
    restore(tensors) {
      const read = (what: string) => tensors.get(`${name}.${what}`)?.data ?? new Int32Array(0)
      grow(read('start').length)
      start.set(read('start'))
      slots.set(read('slots'))
      fill.set(read('fill'))
      take(read('partners').length)
      partners.set(read('partners'))
      counts.set(read('counts'))
      const freed = read('free')
      for (let k = 0; k + 1 < freed.length; k += 2) (free[freed[k]!] ??= []).push(freed[k + 1]!)
      const [savedHand = 0, savedDropped = 0] = read('facts')
      hand = savedHand
      dropped = savedDropped
    },
  }
}

function vector(data: Int32Array | Float32Array | Float64Array): Tensor {
  return { shape: [data.length], data }
}

function moreOf<A extends Int32Array | Float32Array>(array: A, length: number): A {
  const more = new (array.constructor as new (length: number) => A)(length)
  more.set(array as never)
  return more
}
