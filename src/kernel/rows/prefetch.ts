// Rows with Adam asked for before their use. A row has values, moments and its last update in three places, and each is a
// wait for memory; a loop that only asks has no wait that another must end first, so the waits overlap.

import { prefetchedAt } from '../constants'
import { Table } from '../records'

/** Rows, or draws with their rows, that are asked for together: the nearest cache holds them. */
export const GROUP = 16
/** Bytes that come from memory together. */
const LINE: usize = 64

/** Asks for `bytes` of a table's values and moments, `part` bytes from their beginnings; give what it returns to keepPrefetched(). */
// @ts-ignore: decorator
@inline
export function prefetchRow(table: Table, part: usize, bytes: i32): i32 {
  let loaded = 0
  for (const end = part + bytes; part < end; part += LINE) {
    const moments = table.state + 2 * part
    loaded |= load<i32>(table.values + part) | load<i32>(moments) | load<i32>(moments, LINE)
  }
  return loaded
}

/** Else nobody would need what was asked for, and the compiler would leave it out. */
// @ts-ignore: decorator
@inline
export function keepPrefetched(loaded: i32): void {
  store<i32>(prefetchedAt, loaded)
}
