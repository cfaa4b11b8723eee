// A network that knows which of its rows have changed since the last checkpoint. It tells by what a step was given, or,
// where the network says which items have learned, by that.

import type { Tensor, TensorData } from '../../ports/checkpoint-store.ts'
import type { DrawBatch, Network } from '../../ports/engine.ts'
import { ChangedRows, type LiveRows, type LiveState, liveRows } from '../../ports/live-state.ts'
import type { Random } from '../../sample/random.ts'

export interface TrackedNetwork extends Network {
  readonly state: LiveState
  /** As restore(). `restored` is told of rows once nothing reads them from `tensors` any more. */
  restoreInPieces(tensors: ReadonlyMap<string, Tensor>, restored?: (state: LiveState) => void): void
  /** The rows by themselves for another reader than checkpoints, with notes of its own from now on. */
  follow(): readonly LiveRows[]
  /** Changes whenever rows may have come, or lie elsewhere. */
  readonly growth: number
  /** To be called before these rows of items, or of the source, are written to through tensors(). */
  beforeWrite(of: 'items' | 'sources', rows: Int32Array): void
  /** To be called after it. */
  tell(of: 'items' | 'sources', rows: Int32Array): void
}

/** Whose rows a tensor has: items, the source (users, or items as context), or neither. */
const itemTable = /\/(nbpr\.item|dncr\.item|item\.bias)(\.squares|\.moments|\.last)?$/
const sourceTable = /\/(nbpr|dncr)\.(context|user)(\.squares|\.moments|\.last)?$/

/** The start item stands in for what lies beyond a short history. */
const startRow = Int32Array.of(0)

interface Reader {
  readonly items: ChangedRows
  readonly sources: ChangedRows
}

/** All who read the rows, each with notes of its own of what has changed. */
function createReaders() {
  const newReader = (): Reader => ({ items: new ChangedRows(), sources: new ChangedRows() })
  /** Checkpoints read the first. */
  const all: [Reader, ...Reader[]] = [newReader()]
  let isFirstOnly = false

  return {
    all,
    add(): Reader {
      const own = newReader()
      all.push(own)
      return own
    },
    /** Plain loops, because every draw of every event comes through here. */
    mark(of: keyof Reader, rows: Int32Array, count = rows.length, add = 0): void {
      for (let r = isFirstOnly ? 1 : all.length; r-- > 0; ) {
        const changed = all[r]![of]
        for (let k = 0; k < count; k++) changed.mark(rows[k]! + add)
      }
    },
    markAll(of: keyof Reader): void {
      for (const reader of all) reader[of].markAll()
    },
    /** What `write` marks are the rows of others who write, of which only checkpoints need to know. */
    tellFirst(write: () => void): void {
      isFirstOnly = true
      write()
      isFirstOnly = false
    },
  }
}

/** What is written through tensors() is not noticed, but in rows that are new. */
export function trackChanges(network: Network): TrackedNetwork {
  const { spec } = network
  const size = { users: 0, items: 0, growth: 0 }
  const shift = spec.startItem ? 1 : 0
  const readers = createReaders()
  const [{ items, sources }] = readers.all
  const { mark, markAll } = readers

  function markSources({ count, userRows, historyStart, historyItems }: DrawBatch): void {
    if (spec.users === 'rows') mark('sources', userRows, count)
    else {
      if (shift > 0) mark('sources', startRow)
      mark('sources', historyItems, historyStart[count]!, shift)
    }
  }

  network.rows?.watch((learned) => {
    if (learned === undefined) markAll('items')
    else mark('items', learned)
  })

  function* sourcesOf({ count, userRows, historyStart, historyItems }: DrawBatch) {
    if (spec.users === 'rows') {
      for (let k = 0; k < count; k++) yield userRows[k]!
      return
    }
    if (shift > 0) yield* startRow
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

  const restore: Network['restore'] = (tensors, copied) => {
    // First, since whoever is told of a tensor may take its rows for unchanged.
    markAll('items')
    markAll('sources')
    network.restore(tensors, copied)
  }

  function liveOf({ items, sources }: Reader): LiveRows[] {
    return [rowsOf(network, itemTable, items), rowsOf(network, sourceTable, sources)]
  }

  return {
    ...network,
    grow(users, items, restored) {
      network.grow(users, items, restored)
      if (users <= size.users && items <= size.items) return
      size.users = Math.max(size.users, users)
      size.items = Math.max(size.items, items)
      size.growth++
    },
    get growth() {
      return size.growth
    },
    renew(of, ids) {
      const renewed = sourcesAt(of, ids)
      sources.beforeWrite(renewed)
      if (of === 'items') items.beforeWrite(ids)
      network.renew(of, ids)
      mark('sources', renewed)
      if (of === 'items') mark('items', ids)
    },
    step(batch, updates, isUntouched) {
      // Of the candidates only some will learn; which, nobody knows before.
      if (items.isHolding) items.beforeWrite(itemsOf(batch))
      if (sources.isHolding) sources.beforeWrite(sourcesOf(batch))
      const loss = network.step(batch, updates, isUntouched)
      if (network.rows === undefined) mark('items', Int32Array.from(itemsOf(batch)))
      markSources(batch)
      return loss
    },
    restore,
    restoreInPieces: (tensors, restored) =>
      restore(tensors, restored && onceComplete(liveOf(readers.all[0]), restored)),
    follow: () => liveOf(readers.add()),
    beforeWrite(of, rows) {
      readers.all[0][of].beforeWrite(rows)
    },
    tell(of, rows) {
      readers.tellFirst(() => {
        if (of === 'items' && network.rows !== undefined) network.rows.tell(rows)
        else mark(of, rows)
      })
    },
    state: {
      live: liveOf(readers.all[0]),
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

/** Is to be told of tensors by name, and tells of rows when it has been told of all of theirs. */
function onceComplete(
  live: readonly LiveRows[],
  tell: (state: LiveState) => void,
): (name: string) => void {
  const left = live.map((rows) => [rows, new Set(rows.columns().keys())] as const)
  return (name) => {
    for (const [rows, names] of left) {
      if (names.delete(name) && names.size === 0) tell({ live: [rows], rest: () => new Map() })
    }
  }
}

function rowsOf(network: Network, names: RegExp, changed: ChangedRows): LiveRows {
  const tensors = () => [...network.tensors()].filter(([name]) => names.test(name))
  return liveRows(changed, () => tensors()[0]?.[1].shape[0] ?? 0, tensors, true)
}

/**
 * One learned network at work in the stream, as the learner drives it: the fused model and the paper's network each
 * have an implementation of it.
 */
export interface OnlineNetwork {
  readonly network: TrackedNetwork
  readonly counts: { steps: number; triplets: number; rejected: number; saturated: number }
  /** Makes rows for all ids known so far. */
  grow(users: number, items: number, restored?: boolean): void
  /** Rows of these ids start anew, as those of new ids do. */
  renew(of: 'users' | 'items', ids: Int32Array): void
  /**
   * Steps on the arriving event, the user's positive at `place`; each step is `weight` times a whole one. Returns the
   * mean loss, as of whole steps, or NaN without draws. `isUntouched`: see Network.step().
   */
  learnEvent(user: number, place: number, weight?: number, isUntouched?: boolean): number
  /** Steps on earlier positives, `share` of the plan's number. Returns a loss where learnEvent has none, else NaN. */
  replay(share: number): number
  readonly random: Random
}
