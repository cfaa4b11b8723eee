// What counts of the moves of one record, added to a base, and what the base gains, to the values. It is most of what a
// worker has to do with the records of the others: plain loops, each over numbers of one kind.

import type { Moved } from './naming.ts'
import type { Steps } from './record.ts'
import { powers } from './rounding.ts'
import { isFiniteRow, type SharedPiece } from './rows.ts'

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

/** `shares`: by row of the moves, so much of it counts. Returns the rows to which something was added. */
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
