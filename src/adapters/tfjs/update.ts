// From the gradients of gathered rows back to the flat buffer, through the shared optimizers. A block of an item's row
// is touched by draws whose user has something in that block; DNCR's rows are touched by all draws.

import { updateRow } from '../../learn/network/rows.ts'
import type { Store } from '../../learn/network/store.ts'
import type { Sources } from './gather.ts'

/** What an update was made of: pairs of a draw's line and the positions of its items. */
export interface Touched {
  readonly sources: Sources
  readonly items: readonly number[]
  readonly pairs: readonly { readonly line: number; readonly i: number; readonly j: number }[]
}

export function updateRows(
  store: Store,
  gradients: ReadonlyMap<string, ArrayLike<number>>,
  { sources, items, pairs }: Touched,
  t: number,
): void {
  const { tables, sourceN, sourceD, itemsN } = store.layout
  for (const table of tables) {
    const isSource = table === sourceN || table === sourceD
    const rows = isSource ? sources.rows : items
    const gradient = Float64Array.from(gradients.get(table.name)!)
    for (let b = 0; b < table.blocks; b++) {
      const places = new Set<number>()
      for (const { line, i, j } of pairs) {
        const list = sources.lists[line]![b]!
        if (isSource) for (const place of list) places.add(place)
        else if (table !== itemsN || list.length > 0) places.add(i).add(j)
      }
      for (const place of places) {
        const at = place * table.columns + b * table.width
        updateRow(store, table, rows[place]!, b, gradient, at, 1, t)
      }
    }
  }
}
