// Sums of rows of counts in a memory of their own, which grows with the largest: the sums, and behind them the largest
// and the next, as far apart as there are places. In small catalogues whole rows of counts are gathered, so
// that a place is read and written once for all of them.

import { PAGE } from '../../arrays.ts'
import { Failure } from '../../errors.ts'
import type { CountSums } from '../../ports/catalogue.ts'
import { createKernel } from './kernel/kernel.ts'

/** Rows that are gathered before they are added at once, in catalogues of at most so many places. */
const rowsMax = 20
const rowPlacesMax = 16_384
/** Between two rows, so that the same place of all of them does not fall into one set of the cache. */
const rowGap = 64

export function createCountSums(): CountSums {
  const kernel = createKernel()
  /** Places there is room for, a multiple of four. */
  let room = 0
  let pitch = 0
  /** Scales and what the sums are added onto, then the factors of rows, then the rows. */
  let scalesAt = PAGE
  let ontoAt = PAGE
  let factorsAt = PAGE
  let rowsAt = PAGE
  let rowPitch = 0
  let factors: Float64Array = new Float64Array(0)
  /** Rows that wait, and the places of the longest of them. */
  let rows = 0
  let reach = 0

  function makeRoom(n: number): void {
    room = 4 * Math.ceil(Math.max(n, 2 * room, 64) / 4)
    pitch = 8 * room
    scalesAt = PAGE + 3 * pitch
    ontoAt = scalesAt + 4 * room
    factorsAt = ontoAt + 4 * room
    rowsAt = factorsAt + 16 * rowsMax
    rowPitch = 4 * room + rowGap
    const end = room > 2 * rowPlacesMax ? rowsAt : rowsAt + rowsMax * rowPitch
    if (!kernel.reserve(end)) {
      throw new Failure('LIMIT_REACHED', `sums of ${n} items pass the 4 GiB of a memory`)
    }
    const { buffer } = kernel.ints
    sums.sums = new Float64Array(buffer, PAGE, room)
    sums.largest = new Float64Array(buffer, PAGE + pitch, room)
    sums.second = new Float64Array(buffer, PAGE + 2 * pitch, room)
    factors = new Float64Array(buffer, factorsAt, 2 * rowsMax)
  }

  function flush(): void {
    if (rows > 0) kernel.addRows(rowsAt, rowPitch, rows, reach, factorsAt, PAGE, pitch)
    rows = reach = 0
  }

  const sums: { -readonly [name in keyof CountSums]: CountSums[name] } = {
    sums: new Float64Array(0),
    largest: new Float64Array(0),
    second: new Float64Array(0),
    clear(n) {
      rows = reach = 0
      if (n > room) makeRoom(n)
      for (let which = 0; which < 3; which++) kernel.clearBytes(PAGE + which * pitch, 8 * n)
    },
    addRow(counts, from, n, r, w) {
      if (n > room || room > 2 * rowPlacesMax) {
        throw new RangeError(`a row of ${n} counts: there is room for ${room}`)
      }
      if (rows === rowsMax) flush()
      const at = (rowsAt + rows * rowPitch) / 4
      kernel.ints.set(counts.subarray(from, from + n), at)
      // What an earlier row has left behind this one.
      kernel.clearBytes(4 * (at + n), 4 * (room - n))
      factors[2 * rows] = r
      factors[2 * rows + 1] = w
      rows++
      reach = Math.max(reach, n)
    },
    flush,
    addBent(onto, n, scales, { ofLargest, ofSecond, bent }) {
      if (n > room) throw new RangeError(`${n} sums: there is room for ${room}`)
      kernel.floats.set(scales.subarray(0, n), scalesAt / 4)
      kernel.floats.set(onto.subarray(0, n), ontoAt / 4)
      kernel.addBent(n, PAGE, pitch, scalesAt, ofLargest, ofSecond, bent, ontoAt)
      onto.set(kernel.floats.subarray(ontoAt / 4, ontoAt / 4 + n))
    },
  }
  return sums
}
