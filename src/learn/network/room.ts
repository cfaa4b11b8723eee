// Room for the tables of a network: where the buffer is, and where each table goes when one of them is full.

import type { NetworkSpec } from '../../ports/engine.ts'
import { type Layout, layoutOf, place, type Table } from './layout.ts'

/** Where the buffer is. */
export interface Room {
  /** Whether this many floats can be had, with all that an engine keeps beside such tables. */
  fits(floats: number, tables: readonly Table[]): boolean
  /**
   * A buffer of at least this many floats that starts with the bytes of the old one; what follows them may be anything.
   * Throws LIMIT_REACHED before anything is changed where they do not fit, naming the `rows` it was for.
   */
  make(floats: number, old: Float32Array, rows: RowCounts, tables: readonly Table[]): Float32Array
}

export interface RowCounts {
  readonly users: number
  readonly items: number
}

const CAPACITY_MIN = 16
const GROWTH = 1.5
/** The least growth where there is not room for more: less would move all rows at every new one. */
const GROWTH_MIN = 1 + 1 / 1024
/**
 * From this many rows on a table has room for all that are expected: memory that is not written to takes nothing,
 * and to move a million rows takes half a second.
 */
const ROOM_FOR_ALL = 65_536

/** Where tables of this many rows go: with room for all expected ones, or for as many as there is room for. */
export function roomFor(
  { layout, room, expected }: Growing,
  wanted: readonly number[],
): { readonly placed: readonly Table[]; readonly end: number } {
  if (expected !== undefined && wanted.some((rows) => rows >= ROOM_FOR_ALL)) {
    const most = layout.tables.map(({ shift, of }, t) => Math.max(wanted[t]!, shift + expected[of]))
    const all = planned(layout, most, 1)
    if (room.fits(all.end, all.placed)) return all
  }
  let growth = GROWTH
  let found = planned(layout, wanted, growth)
  while (!room.fits(found.end, found.placed) && growth > 1) {
    growth = growth > GROWTH_MIN ? 1 + (growth - 1) / 2 : 1
    found = planned(layout, wanted, growth)
  }
  return found
}

interface Growing {
  readonly layout: Layout
  readonly room: Room
  readonly expected: RowCounts | undefined
}

/** The tables as they lie when those that are full have grown so, and the first float after them. */
function planned(layout: Layout, wanted: readonly number[], growth: number) {
  const placed = layout.tables.map((table) => ({ ...table }))
  let end = layout.tablesFrom
  placed.forEach((table, t) => {
    const { capacity } = table
    const grown = Math.max(CAPACITY_MIN, wanted[t]!, Math.ceil(capacity * growth))
    end = place(table, end, wanted[t]! > capacity ? grown : capacity)
  })
  return { placed, end }
}

export const unbounded: Room = {
  fits: () => true,
  make(floats, old) {
    const made = new Float32Array(floats)
    made.set(old)
    return made
  },
}

/**
 * Bytes of parameters and optimizer state for this many users and items, planned without making any; with none, of the
 * dense weights alone.
 */
export function bytesOf(spec: NetworkSpec, users: number, items: number): number {
  const layout = layoutOf(spec)
  const rows = { users, items }
  let end = layout.tablesFrom
  for (const table of layout.tables) end = place(table, end, table.shift + rows[table.of])
  return 4 * end
}
