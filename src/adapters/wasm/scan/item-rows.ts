// The rows of a network's items where they lie in its memory, its queries, and exact scores of a few items.

import type { Table } from '../../../learn/network/layout.ts'
import type { ItemRows } from '../../../ports/catalogue.ts'
import type { Call } from '../memory/call-arrays.ts'
import type { NetworkMemory } from '../memory/memory-map.ts'

export interface WatchedRows extends ItemRows {
  /** A step has changed rows: the kernel has them in a list. */
  tellLearned(): void
  tellAll(): void
}

/** undefined where scores are no products with rows: a joint tower, weighed outputs, rows that may miss updates. */
export function createItemRows(memory: NetworkMemory, call: Call): WatchedRows | undefined {
  const { kernel, store } = memory
  const { layout } = store
  const { shape } = layout
  if (shape.joint || shape.outputs > 0 || layout.tables.some((table) => table.isAdam)) {
    return undefined
  }
  const tables = [layout.itemsN, layout.itemsD].filter((table) => table !== undefined)
  const bias = layout.itemBias
  const pieces: Table[] = bias === undefined ? tables : [...tables, bias]
  const watchers: ((items: Int32Array | undefined) => void)[] = []
  /** The query in whole lanes. */
  const queryBytes = 4 * ((shape.query + 7) & ~3)

  return {
    widths: pieces.map(({ columns }) => columns),
    blocks: (first, count) =>
      pieces.map(({ values, columns }) =>
        store.floats.subarray(values + first * columns, values + (first + count) * columns),
      ),
    query(users, weight, out, at) {
      call.users(users, queryBytes)
      kernel.weighQuery(weight, call.own)
      const from = call.own / 4
      for (let d = 0; d < shape.query; d++) out[at + d] = kernel.floats[from + d]!
      if (bias !== undefined) out[at + shape.query] = weight
    },
    addScores(query, weight, items, count, onto) {
      const lanes = (count + 7) & ~3
      call.users(nobody, queryBytes + 8 * lanes)
      const vector = call.own / 4
      const ids = vector + queryBytes / 4
      const out = ids + lanes
      kernel.floats.fill(0, vector, ids)
      for (let d = 0; d < shape.query; d++) kernel.floats[vector + d] = query[d]!
      for (let x = 0; x < count; x++) {
        kernel.ints[ids + x] = items[x]!
        kernel.floats[out + x] = onto[x]!
      }
      kernel.ints.fill(0, ids + count, ids + lanes)
      if (kernel.idsWithin(4 * ids, count, 0, store.items) === 0) {
        throw new RangeError(`items beyond the ${store.items} that there are rows of`)
      }
      kernel.scoreRows(4 * vector, weight, 4 * ids, count, 4 * out)
      for (let x = 0; x < count; x++) onto[x] = kernel.floats[out + x]!
    },
    watch(listener) {
      watchers.push(listener)
    },
    tellLearned() {
      if (watchers.length === 0) return
      const from = call.learnedItems / 4
      const learned = kernel.ints.subarray(from, from + kernel.learnedCount())
      for (const tell of watchers) tell(learned)
    },
    tell(items) {
      for (const tell of watchers) tell(items)
    },
    tellAll() {
      for (const tell of watchers) tell(undefined)
    },
  }
}

const nobody = {
  count: 0,
  userRows: new Int32Array(0),
  historyStart: new Int32Array(1),
  historyItems: new Int32Array(0),
  historyAges: new Float32Array(0),
  historyLength: new Int32Array(0),
}
