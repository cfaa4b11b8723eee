// Sums of rows of counts in a memory of their own, which grows with the largest: the counts, and behind them the sums,
// the largest and the next, as far apart as there are places.

import { PAGE } from '../../arrays.ts'
import { Failure } from '../../errors.ts'
import type { CountSums } from '../../ports/catalogue.ts'
import { createKernel } from './kernel/kernel.ts'

export function createCountSums(): CountSums {
  const kernel = createKernel()
  /** Places there is room for, an even number. */
  let room = 0
  let pitch = 0
  let sumsAt = PAGE

  function makeRoom(n: number): void {
    room = 2 * Math.ceil(Math.max(n, 2 * room, 64) / 2)
    pitch = 8 * room
    sumsAt = PAGE + ((4 * room + 15) & ~15)
    if (!kernel.reserve(sumsAt + 3 * pitch)) {
      throw new Failure('LIMIT_REACHED', `sums of ${n} items pass the 4 GiB of a memory`)
    }
    const { buffer } = kernel.ints
    sums.counts = new Int32Array(buffer, PAGE, room)
    sums.sums = new Float64Array(buffer, sumsAt, room)
    sums.largest = new Float64Array(buffer, sumsAt + pitch, room)
    sums.second = new Float64Array(buffer, sumsAt + 2 * pitch, room)
  }

  const sums: { -readonly [name in keyof CountSums]: CountSums[name] } = {
    counts: new Int32Array(0),
    sums: new Float64Array(0),
    largest: new Float64Array(0),
    second: new Float64Array(0),
    clear(n) {
      if (n > room) makeRoom(n)
      for (let which = 0; which < 3; which++) kernel.clearBytes(sumsAt + which * pitch, 8 * n)
    },
    add(n, r, w) {
      if (n > room) throw new RangeError(`${n} counts: there is room for ${room}`)
      kernel.addCounts(PAGE, n, r, w, sumsAt, pitch)
    },
  }
  return sums
}
