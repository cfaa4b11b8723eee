// Prefetching of rows with Adam. The values, the moments and the last update of a row are in three places, and each is
// a wait for memory. Loads that nothing depends on overlap their waits, so a loop that only loads is fast.

import { prefetchedAt } from '../constants'
import { Table } from '../records'

/** How many rows, or draws with their rows, are prefetched together: the first-level cache holds them. */
export const GROUP = 16
/** Bytes of a cache line. */
const LINE: usize = 64

/**
 * Loads `bytes` of the values and moments of a table, `part` bytes after their beginnings. Pass the result to
 * keepPrefetched().
 */
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

/** Stores what was loaded. Without a use, the compiler would remove the loads. */
// @ts-ignore: decorator
@inline
export function keepPrefetched(loaded: i32): void {
  store<i32>(prefetchedAt, loaded)
}
