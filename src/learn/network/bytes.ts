// How much memory a network's rows take, planned without making any.

import type { NetworkSpec } from '../../ports/engine.ts'
import { layoutOf, place } from './layout.ts'

/** Bytes of parameters and optimizer state for this many users and items; the dense weights alone with none. */
export function bytesOf(spec: NetworkSpec, users: number, items: number): number {
  const layout = layoutOf(spec)
  const rows = { users, items }
  let end = layout.tablesFrom
  for (const table of layout.tables) end = place(table, end, table.shift + rows[table.of])
  return 4 * end
}
