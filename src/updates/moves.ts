// What is local in the rows of a table, and which of it goes where there is more than a record may hold: the largest
// moves. They are not sorted, only counted by size. And how what counts of a record's moves is added to a base and its
// values, which is most of what a worker has to do with the records of the others.

import type { Moved } from './naming.ts'
import type { Steps } from './record.ts'
import { powers } from './rounding.ts'
import { isFiniteRow, type SharedPiece, subtractRow } from './rows.ts'

/** Rows in which something is local. */
export interface Moves {
  readonly width: number
  readonly rows: readonly number[]
  /** By row, the largest of its numbers. */
  readonly largest: readonly number[]
}

/** Own moves that wait to be read back; `places`: of each row its place in them, or -1 (beyond the end, too). */
export interface PendingMoves extends Moved {
  readonly places: Int32Array
}

/** Moves below it are not worth a place in a record: they wait for more. */
export const leastMove = 1e-6

/** Sets out[at …] to what is local in the row, and returns the largest of it: NaN where one is no number. */
export function localOf(
  pieces: readonly SharedPiece[],
  base: Float32Array,
  row: number,
  pending: readonly PendingMoves[],
  out: Float32Array,
  at: number,
): number {
  const end = subtractRow(pieces, row, base, out, at)
  addPending(pending, row, out, at, -1)
  let largest = 0
  for (let k = at; k < end; k++) {
    const size = Math.abs(out[k]!)
    // Also where it is no number, and then it stays so.
    if (size > largest || Number.isNaN(size)) largest = size
  }
  return largest
}

/** Of wide pieces every fourth number is looked at, in another row others: their largest is seldom much larger. */
const lookedAt = 4
const wide = 16

/** About the largest of what is local in the row: NaN where a number that was looked at is none. */
export function largestOf(
  pieces: readonly SharedPiece[],
  base: Float32Array,
  row: number,
  pending: readonly PendingMoves[],
  room: Float32Array,
): number {
  // Seldom is something of the same row under way.
  for (let p = 0; p < pending.length; p++) {
    if ((pending[p]!.places[row] ?? -1) >= 0) return localOf(pieces, base, row, pending, room, 0)
  }
  let largest = 0
  let start = 0
  for (let p = 0; p < pieces.length; p++) start += row * pieces[p]!.width
  for (let p = 0; p < pieces.length; p++) {
    const { values, width } = pieces[p]!
    const first = row * width
    const step = width > wide ? lookedAt : 1
    for (let d = row % step; d < width; d += step) {
      const size = Math.abs(values[first + d]! - base[start + d]!)
      if (size > largest || Number.isNaN(size)) largest = size
    }
    start += width
  }
  return largest
}

/** Adds what is pending of the row to out[at …], or takes it away. */
export function addPending(
  pending: readonly PendingMoves[],
  row: number,
  out: Float32Array,
  at: number,
  sign: 1 | -1,
): void {
  for (let p = 0; p < pending.length; p++) {
    const { places, values, width } = pending[p]!
    const from = width * (places[row] ?? -1)
    if (from >= 0) for (let d = 0; d < width; d++) out[at + d]! += sign * values[from + d]!
  }
}

/** Sizes that differ by less than an eighth are one: the exponent of a float and three bits more. */
const shift = 20
const floats = new Float32Array(1)
const words = new Uint32Array(floats.buffer)

/** The least move that may go so that no more numbers than allowed do. */
export function leastThatFits(found: readonly Moves[], numbersMax: number): number {
  const numbers = found.reduce((sum, { rows, width }) => sum + rows.length * width, 0)
  if (numbers <= numbersMax) return 0
  const bySize = new Float64Array(2 ** (31 - shift))
  for (const { largest, width } of found) {
    for (let k = 0; k < largest.length; k++) bySize[sizeOf(largest[k]!)]! += width
  }
  let left = numbersMax
  let size = bySize.length - 1
  for (; size >= 0 && bySize[size]! <= left; size--) left -= bySize[size]!
  words[0] = (size + 1) << shift
  return floats[0]!
}

function sizeOf(move: number): number {
  floats[0] = move
  return words[0]! >>> shift
}

/** A base and the values beside it, row by row. */
export interface Beside {
  /** (rows × width) */
  readonly base: Float32Array
  /** The values: a row of each piece after the other is a row of the base. */
  readonly pieces: readonly SharedPiece[]
  readonly width: number
  /** How many neighbouring numbers of a row share a step here. */
  readonly groups: readonly number[]
  readonly rows: number
}

/** `shares`: by row of the moves, how much of it counts. Returns the rows to which something was added. */
export function addMoves(to: Beside, moved: Moved, shares: Float64Array): Int32Array {
  const { rows, rounded } = moved
  const isOurs = rounded !== undefined && sameNumbers(rounded.groups, to.groups)
  const added = new Int32Array(rows.length)
  let count = 0
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k]!
    if (row >= to.rows) continue
    if (isOurs) addSteps(to, row, rounded, k, shares[k]!)
    else if (isFiniteRow(moved.values, k * to.width, to.width)) {
      addValues(to, row, moved.values, k * to.width, shares[k]!)
    } else continue
    added[count++] = row
  }
  return added.subarray(0, count)
}

/** Row k of the steps to a row. */
function addSteps(
  { base, pieces, width, groups }: Beside,
  row: number,
  { exponents, steps }: Steps,
  k: number,
  share: number,
): void {
  let at = row * width
  let from = k * width
  let g = 0
  for (let p = 0; p < pieces.length; p++) {
    const { values, width: columns } = pieces[p]!
    let into = row * columns
    for (const last = into + columns; into < last; g++) {
      const factor = share * powers[exponents[k * groups.length + g]! & 255]!
      for (const groupEnd = into + groups[g]!; into < groupEnd; into++) {
        const before = base[at]!
        base[at] = before + factor * steps[from++]!
        values[into]! += base[at++]! - before
      }
    }
  }
}

/** The numbers from a place on to a row. */
function addValues(
  { base, pieces, width }: Beside,
  row: number,
  numbers: Float32Array,
  from: number,
  share: number,
): void {
  let at = row * width
  for (let p = 0; p < pieces.length; p++) {
    const { values, width: columns } = pieces[p]!
    const last = (row + 1) * columns
    for (let into = row * columns; into < last; into++) {
      const before = base[at]!
      base[at] = before + share * numbers[from++]!
      values[into]! += base[at++]! - before
    }
  }
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number, k) => number === b[k])
}
