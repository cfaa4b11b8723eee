// Records name items, tables number them: from the worker's own numbers to names, and back.

import type { CountedEvents, MovedRows, UpdateRecord } from './record.ts'
import type { SharedTable } from './shared-table.ts'

/** Rows by this worker's own numbers, and by how much they moved. */
export type Moved = Omit<MovedRows, 'table'>

/** By table, rows by this worker's own numbers. */
export type MovedSet = ReadonlyMap<string, Moved>

/** Before item 0 by table; a table without items has only such rows. */
export type Shifts = ReadonlyMap<string, number>

export function shiftsOf(tables: readonly SharedTable[]): Shifts {
  return new Map(tables.map(({ name, shift = Infinity }) => [name, shift]))
}

/** An event that was learned here: `history` is what the user had before it, newest first. */
export interface LearnedEvent {
  readonly stream: string
  readonly user: number
  readonly item: number
  readonly history: Int32Array
  /** How much of an event it counts, in (0, 1]. */
  readonly weight: number
}

type Named = Pick<UpdateRecord, 'names' | 'moved' | 'events'>

/** The part of a record that names items. */
export function named(
  moved: MovedSet,
  events: readonly LearnedEvent[],
  shifts: Shifts,
  nameOf: (id: number) => string,
): Named {
  const places = createPlaces()
  const items = Int32Array.from(events, ({ item }) => places.of(item))
  const historyStart = new Int32Array(events.length + 1)
  events.forEach(({ history }, k) => {
    historyStart[k + 1] = historyStart[k]! + history.length
  })
  const historyItems = new Int32Array(historyStart[events.length]!)
  events.forEach(({ history }, k) => {
    for (let l = 0; l < history.length; l++) {
      historyItems[historyStart[k]! + l] = places.of(history[l]!)
    }
  })
  const isWeighted = events.some(({ weight }) => weight !== 1)
  const weights = Float32Array.from(isWeighted ? events : [], ({ weight }) => weight)
  const rows = [...moved].map(([table, { width, rows, values, rounded }]) => {
    const shift = shifts.get(table)!
    const own = rows.map((row) => (row < shift ? -1 - row : places.of(row - shift)))
    return { table, width, rows: own, values, rounded }
  })
  const names = places.ids.map(nameOf)
  return { names, moved: rows, events: { items, historyStart, historyItems, weights } }
}

/** Numbers ids from 0 in the order in which they are first asked for. */
function createPlaces() {
  let places = new Int32Array(1024).fill(-1)
  const ids: number[] = []
  return {
    ids,
    of(id: number): number {
      if (id >= places.length) {
        const more = new Int32Array(Math.max(id + 1, 2 * places.length)).fill(-1)
        more.set(places)
        places = more
      }
      if (places[id]! < 0) places[id] = ids.push(id) - 1
      return places[id]!
    },
  }
}

/** The tables of the record that a worker with these widths has none of, or of another width. */
export function foreignTables(
  { moved }: Pick<UpdateRecord, 'moved'>,
  widths: ReadonlyMap<string, number>,
): string[] {
  return moved.flatMap(({ table, width }) => (widths.get(table) === width ? [] : [table]))
}

/**
 * `ids`: the numbers of the record's names, -1 for items that have no rows here: what it says of these is left out, and
 * so are foreign tables.
 */
export function numbered(
  { moved }: UpdateRecord,
  ids: Int32Array,
  shifts: Shifts,
  widths: ReadonlyMap<string, number>,
): MovedSet {
  const known = moved.filter(({ table, width }) => widths.get(table) === width)
  return new Map(
    known.map((one) => {
      const { table, width, rows, rounded } = one
      const shift = shifts.get(table)!
      const own = rows.map((row) => {
        if (row < 0) return -1 - row < shift ? -1 - row : -1
        return ids[row]! < 0 || shift === Infinity ? -1 : shift + ids[row]!
      })
      if (own.includes(-1)) return [table, without(own, one.values, width)]
      const moved: Moved = {
        ...{ width, rows: own, rounded },
        get values() {
          return one.values
        },
      }
      return [table, moved]
    }),
  )
}

/** The moves of the rows that are not -1. */
function without(rows: Int32Array, values: Float32Array, width: number): Moved {
  const kept = values.slice()
  let n = 0
  rows.forEach((row, k) => {
    if (row >= 0) kept.copyWithin(n++ * width, k * width, (k + 1) * width)
  })
  return { width, rows: rows.filter((row) => row >= 0), values: kept.slice(0, n * width) }
}

/** Events of items that have no number here are left out, and such items of histories. */
export function countAll(
  { items, historyStart, historyItems, weights }: CountedEvents,
  ids: Int32Array,
  count: (history: Int32Array, item: number, weight: number) => void,
): void {
  const known = new Int32Array(historyItems.length)
  for (let at = 0; at < known.length; at++) known[at] = ids[historyItems[at]!]!
  const isWhole = !known.includes(-1)
  for (let k = 0; k < items.length; k++) {
    const item = ids[items[k]!]!
    const history = known.subarray(historyStart[k]!, historyStart[k + 1]!)
    if (item < 0) continue
    count(isWhole ? history : history.filter((one) => one >= 0), item, weights[k] ?? 1)
  }
}
