// Records name items, tables number them: from the worker's own numbers to names, and back.

import type { Moved, SharedTable } from './based-table.ts'
import type { CountedEvents, MovedRows, UpdateRecord } from './record.ts'

/** By table, rows by this worker's own numbers. */
export type MovedSet = ReadonlyMap<string, Moved>

/** Before item 0 by table; a table without items has only such rows. */
export function shiftsOf(tables: readonly SharedTable[]): ReadonlyMap<string, number> {
  return new Map(tables.map(({ name, shift = Infinity }) => [name, shift]))
}

/** Events that wait for a record, and the items that it will name. */
export interface Naming {
  count(history: Int32Array, item: number): void
  rows(moved: MovedSet): MovedRows[]
  /** After all of the above. */
  finish(nameOf: (id: number) => string): Pick<UpdateRecord, 'names' | 'events'>
}

export function createNaming(shifts: ReadonlyMap<string, number>): Naming {
  const places = new Map<number, number>()
  const items: number[] = []
  const historyItems: number[] = []
  const historyStart = [0]

  function placeOf(id: number): number {
    const known = places.get(id)
    if (known !== undefined) return known
    places.set(id, places.size)
    return places.size - 1
  }

  return {
    count(history, item) {
      items.push(placeOf(item))
      for (const one of history) historyItems.push(placeOf(one))
      historyStart.push(historyItems.length)
    },
    rows: (moved) =>
      [...moved].map(([table, { width, rows, values }]) => {
        const shift = shifts.get(table)!
        const named = rows.map((row) => (row < shift ? -1 - row : placeOf(row - shift)))
        return { table, width, rows: named, values }
      }),
    finish: (nameOf) => ({
      names: Array.from(places.keys(), nameOf),
      events: {
        items: Int32Array.from(items),
        historyStart: Int32Array.from(historyStart),
        historyItems: Int32Array.from(historyItems),
      },
    }),
  }
}

/** `ids`: the numbers of the record's names. Tables that are not known here are left out. */
export function numbered(
  { moved }: UpdateRecord,
  ids: Int32Array,
  shifts: ReadonlyMap<string, number>,
): MovedSet {
  const known = moved.filter(({ table }) => shifts.has(table))
  return new Map(
    known.map(({ table, width, rows, values }) => {
      const shift = shifts.get(table)!
      const own = rows.map((row) => (row < 0 ? -1 - row : shift + ids[row]!))
      return [table, { width, rows: own, values }]
    }),
  )
}

export function countAll(
  { items, historyStart, historyItems }: CountedEvents,
  ids: Int32Array,
  count: (history: Int32Array, item: number) => void,
): void {
  const known = historyItems.map((item) => ids[item]!)
  items.forEach((item, k) => {
    count(known.subarray(historyStart[k]!, historyStart[k + 1]!), ids[item]!)
  })
}
