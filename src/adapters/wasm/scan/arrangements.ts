// The columns of a scan in an order, and while rows change over to a newer one, both: rows below a moving border have
// the newer one, and a query is written for each.

import { scanHeadWidth } from '../../../kernel/constants.ts'
import type { BoundQuery } from '../../../ports/catalogue.ts'
import { type Columns, writePlaces } from './row-blocks.ts'
import type { Half } from './scan-calls.ts'
import type { ArrangementPlaces, ScanMemory } from './scan-memory.ts'
import { writeHalf } from './scan-query.ts'

export interface Arrangement extends Columns {
  readonly at: ArrangementPlaces
  /** The query asked last in this order, and what its halves stand for. */
  readonly ordered: Float32Array
  head: Half
  tail: Half
}

/** Items first … end-1 have the arrangement `of`. */
export interface ArrangedItems {
  readonly of: Arrangement
  readonly first: number
  readonly end: number
}

export interface Arrangements {
  /** All rows have these columns; the memory has just been arranged for them. */
  begin(widths: readonly number[], columns: Columns): void
  /** From now on rows change over to these, none of them yet. */
  changeTo(columns: Columns): void
  /** `count` more of the `items` rows have changed over. */
  advance(count: number, items: number): void
  /** How many have; undefined while nothing changes. */
  readonly renewed: number | undefined
  /** What rows are put with that are new, and those that change over. */
  readonly now: Arrangement
  readonly newer: Arrangement | undefined
  /** Of items 0 … items-1, in order. */
  ranges(items: number): ArrangedItems[]
}

export function createArrangements(memory: ScanMemory): Arrangements {
  let widths: readonly number[] = []
  let now: Arrangement | undefined
  let newer: Arrangement | undefined
  let renewed = 0

  function arrangementOf({ order, factors }: Columns): Arrangement {
    const at = memory.arrangements.find((places) => places !== now?.at)!
    const columns = { order: order.slice(), factors: factors.slice() }
    writePlaces(memory, widths, columns, at.places)
    const half = { unit: 0, norm: 0, end: 0 }
    return { ...columns, at, ordered: new Float32Array(order.length), head: half, tail: half }
  }

  return {
    begin(given, columns) {
      widths = given
      newer = undefined
      now = undefined
      now = arrangementOf(columns)
    },
    changeTo(columns) {
      if (newer !== undefined) throw new RangeError('the columns are being rearranged')
      newer = arrangementOf(columns)
      renewed = 0
    },
    advance(count, items) {
      renewed += count
      if (renewed < items) return
      now = newer
      newer = undefined
    },
    get renewed() {
      return newer === undefined ? undefined : renewed
    },
    get now() {
      if (now === undefined) throw new RangeError('the columns have not been arranged')
      return now
    },
    get newer() {
      return newer
    },
    ranges(items) {
      if (now === undefined) return []
      if (newer === undefined) return [{ of: now, first: 0, end: items }]
      return [
        { of: newer, first: 0, end: renewed },
        { of: now, first: renewed, end: items },
      ]
    },
  }
}

export function writeQuery(memory: ScanMemory, { query }: BoundQuery, of: Arrangement): void {
  const { order, factors, ordered } = of
  for (let d = 0; d < order.length; d++) ordered[d] = query[order[d]!]! / factors[order[d]!]!
  const middle = Math.min(scanHeadWidth, order.length)
  of.head = writeHalf(memory, ordered, 0, middle, of.at.queryHead)
  of.tail = writeHalf(memory, ordered, middle, order.length, of.at.queryTail)
}
