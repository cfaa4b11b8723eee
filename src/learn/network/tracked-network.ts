// A network that knows which of its rows have changed since the last checkpoint. It tells by what a step was given, or,
// where the network says which items have learned, by that.

import type { Tensor, TensorData } from '../../ports/checkpoint-store.ts'
import type { DrawBatch, Network } from '../../ports/engine.ts'
import { ChangedRows, type LiveRows, type LiveState, liveRows } from '../../ports/live-state.ts'

export interface TrackedNetwork extends Network {
  readonly state: LiveState
  /** The rows by themselves for another reader than checkpoints, with notes of its own from now on. */
  follow(): readonly LiveRows[]
  /** To be called before these rows of items, or of the source, are written to through tensors(). */
  beforeWrite(of: 'items' | 'sources', rows: Int32Array): void
  /** To be called after it. */
  tell(of: 'items' | 'sources', rows: Int32Array): void
}

/** Whose rows a tensor has: items, the source (users, or items as context), or neither. */
const itemTable = /\/(nbpr\.item|dncr\.item|item\.bias)(\.squares|\.moments|\.last)?$/
const sourceTable = /\/(nbpr|dncr)\.(context|user)(\.squares|\.moments|\.last)?$/

/** What is written through tensors() is not noticed, but in rows that are new. */
export function trackChanges(network: Network): TrackedNetwork {
  const { spec } = network
  const items = new ChangedRows()
  const sources = new ChangedRows()
  const shift = spec.startItem ? 1 : 0
  /** Checkpoints read the first. */
  const readers = [{ items, sources }]
  /** Others are writing, of which only checkpoints need to know. */
  let isTold = false

  function mark(of: 'items' | 'sources', row: number): void {
    for (let r = isTold ? 1 : readers.length; r-- > 0; ) readers[r]![of].mark(row)
  }

  function markAll(of: 'items' | 'sources'): void {
    for (const reader of readers) reader[of].markAll()
  }

  network.rows?.watch((learned) => {
    if (learned === undefined) markAll('items')
    else for (const item of learned) mark('items', item)
  })

  function* sourcesOf({ count, userRows, historyStart, historyItems }: DrawBatch) {
    if (spec.users === 'rows') {
      for (let k = 0; k < count; k++) yield userRows[k]!
      return
    }
    // The start item stands in for what lies beyond a short history.
    if (shift > 0) yield 0
    const end = historyStart[count]!
    for (let l = 0; l < end; l++) yield historyItems[l]! + shift
  }

  function* itemsOf({ count, positives, candidates, negatives, choices }: DrawBatch) {
    for (let k = 0; k < count; k++) yield positives[k]!
    const all = count * negatives * choices
    for (let x = 0; x < all; x++) if (candidates[x]! >= 0) yield candidates[x]!
  }

  /** The rows of sources that go with the ids. */
  function sourcesAt(of: 'users' | 'items', ids: Int32Array): Int32Array {
    if (of === 'users') return spec.users === 'rows' ? ids : new Int32Array(0)
    return spec.users === 'history' ? ids.map((id) => id + shift) : new Int32Array(0)
  }

  function liveOf({ items, sources }: (typeof readers)[number]): LiveRows[] {
    return [rowsOf(network, itemTable, items), rowsOf(network, sourceTable, sources)]
  }

  return {
    ...network,
    renew(of, ids) {
      const renewed = sourcesAt(of, ids)
      sources.beforeWrite(renewed)
      if (of === 'items') items.beforeWrite(ids)
      network.renew(of, ids)
      for (const row of renewed) mark('sources', row)
      if (of === 'items') for (const id of ids) mark('items', id)
    },
    step(batch, updates) {
      // Of the candidates only some will learn; which, nobody knows before.
      if (items.isHolding) items.beforeWrite(itemsOf(batch))
      if (sources.isHolding) sources.beforeWrite(sourcesOf(batch))
      const loss = network.step(batch, updates)
      if (network.rows === undefined) for (const item of itemsOf(batch)) mark('items', item)
      for (const row of sourcesOf(batch)) mark('sources', row)
      return loss
    },
    restore(tensors) {
      network.restore(tensors)
      markAll('items')
      markAll('sources')
    },
    follow() {
      const own = { items: new ChangedRows(), sources: new ChangedRows() }
      readers.push(own)
      return liveOf(own)
    },
    beforeWrite(of, rows) {
      readers[0]![of].beforeWrite(rows)
    },
    tell(of, rows) {
      isTold = true
      if (of === 'items' && network.rows !== undefined) network.rows.tell(rows)
      else for (const row of rows) mark(of, row)
      isTold = false
    },
    state: {
      live: liveOf(readers[0]!),
      rest() {
        const copies = new Map<string, Tensor>()
        for (const [name, { shape, data }] of network.tensors()) {
          if (itemTable.test(name) || sourceTable.test(name)) continue
          copies.set(name, { shape, data: data.slice() as TensorData })
        }
        return copies
      },
    },
  }
}

function rowsOf(network: Network, names: RegExp, changed: ChangedRows): LiveRows {
  const tensors = () => [...network.tensors()].filter(([name]) => names.test(name))
  return liveRows(changed, () => tensors()[0]?.[1].shape[0] ?? 0, tensors, true)
}
