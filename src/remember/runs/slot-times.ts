// Event times by slot, in six bytes each instead of eight: of millions of positives they are the larger half. With the
// first time that does not fit all of them take eight.

import { createScratch, longer, type Numbers } from '../../arrays.ts'
import type { LiveColumn } from '../../ports/live-state.ts'

const highUnit = 2 ** 32
/** The last millisecond that fits; the year is 10889. */
const latest = 2 ** 48 - 1

export class SlotTimes {
  private low: Uint32Array
  private high: Uint16Array
  /** In the place of both, once a time is no whole millisecond since the epoch. */
  private wide: Float64Array | undefined
  private readonly some = createScratch<Float64Array>(Float64Array)

  constructor(slots: number) {
    this.low = new Uint32Array(slots)
    this.high = new Uint16Array(slots)
  }

  get bytes(): number {
    return this.wide?.byteLength ?? this.low.byteLength + this.high.byteLength
  }

  at(slot: number): number {
    if (this.wide !== undefined) return this.wide[slot]!
    return this.high[slot]! * highUnit + this.low[slot]!
  }

  put(slot: number, time: number): void {
    if (this.wide === undefined && fits(time)) {
      const high = Math.floor(time / highUnit)
      this.high[slot] = high
      this.low[slot] = time - high * highUnit
    } else this.widened()[slot] = time
  }

  /** How many of `count` slots from `from` on, which are in order of time, have this time or an earlier one. */
  upTo(time: number, from: number, count: number): number {
    if (count > 0 && this.at(from + count - 1) <= time) return count
    let [low, high] = [0, count]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.at(from + middle) <= time) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Times of slots from … end-1 are also those of as many from `to` on. */
  copyWithin(to: number, from: number, end: number): void {
    for (const part of this.parts()) part.copyWithin(to, from, end)
  }

  /** Slots from … end-1 have the time 0. */
  clear(from: number, end: number): void {
    for (const part of this.parts()) part.fill(0, from, end)
  }

  grow(slots: number): void {
    if (this.wide !== undefined) this.wide = longer(this.wide, slots)
    else {
      this.low = longer(this.low, slots)
      this.high = longer(this.high, slots)
    }
  }

  /** Slots 0, 1 … get these times. */
  restore(times: Numbers): void {
    for (let slot = 0; slot < times.length; slot++) this.put(slot, times[slot]!)
  }

  /** As checkpoints have them; valid until more is read. */
  get column(): LiveColumn {
    return { rowShape: [], read: (from, to) => this.read(from, to) }
  }

  private read(from: number, to: number): Float64Array {
    const times = this.some(to - from)
    for (let slot = from; slot < to; slot++) times[slot - from] = this.at(slot)
    return times
  }

  private parts(): readonly (Float64Array | Uint32Array | Uint16Array)[] {
    return this.wide === undefined ? [this.low, this.high] : [this.wide]
  }

  private widened(): Float64Array {
    if (this.wide !== undefined) return this.wide
    const slots = this.low.length
    const wide = longer(new Float64Array(0), slots)
    for (let slot = 0; slot < slots; slot++) wide[slot] = this.at(slot)
    this.low = new Uint32Array(0)
    this.high = new Uint16Array(0)
    this.wide = wide
    return wide
  }
}

function fits(time: number): boolean {
  return time >= 0 && time <= latest && Number.isInteger(time)
}
