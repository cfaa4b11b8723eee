// A network that knows which of its rows have changed since the last checkpoint. It tells by what a step was given, or,
// where the network says which items have learned, by that.

import type { Tensor, TensorData } from '../../ports/checkpoint-store.ts'
import type { DrawBatch, Network } from '../../ports/engine.ts'
import { ChangedRows, type LiveRows, type LiveState, liveRows } from '../../ports/live-state.ts'

export interface TrackedNetwork extends Network {
  readonly state: LiveState
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
  network.rows?.watch((learned) => {
    if (learned === undefined) items.markAll()
    else for (const item of learned) items.mark(item)
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

  return {
    ...network,
    renew(of, ids) {
      const renewed = sourcesAt(of, ids)
      sources.beforeWrite(renewed)
      if (of === 'items') items.beforeWrite(ids)
      network.renew(of, ids)
      for (const row of renewed) sources.mark(row)
      if (of === 'items') for (const id of ids) items.mark(id)
    },
    step(batch, updates) {
      // Of the candidates only some will learn; which, nobody knows before.
      if (items.isHolding) items.beforeWrite(itemsOf(batch))
      if (sources.isHolding) sources.beforeWrite(sourcesOf(batch))
      const loss = network.step(batch, updates)
      if (network.rows === undefined) for (const item of itemsOf(batch)) items.mark(item)
      for (const row of sourcesOf(batch)) sources.mark(row)
      return loss
    },
    restore(tensors) {
      network.restore(tensors)
      items.markAll()
      sources.markAll()
    },
    state: {
      live: [rowsOf(network, itemTable, items), rowsOf(network, sourceTable, sources)],
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
