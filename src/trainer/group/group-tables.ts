// What the workers of a group share of a learner: the rows of items in every network, the dense weights, and the output
// weights. Rows of users stay with the worker that has the user.

import { fillNormal, tableKey } from '../../learn/network/rows.ts'
import type { TrackedNetwork } from '../../learn/network/tracked-network.ts'
import type { Tensor } from '../../ports/checkpoint-store.ts'
import { isTotal } from '../../ports/engine.ts'
import type { LiveRows } from '../../ports/live-state.ts'
import { widthOf } from '../../ports/live-state.ts'
import type { SharedPiece } from '../../updates/rows.ts'
import type { SharedTable } from '../../updates/shared-table.ts'
import type { Learner } from '../model/learner.ts'

/** Tables whose rows begin at random. */
const drawn = /\/(nbpr|dncr)\.(item|context)$/
/** What belongs to users, or counts steps of one worker. */
const ownTable = /\/(nbpr|dncr)\.user(\.\w+)?$|\/steps$/

export function groupTablesOf(learner: Learner, seed: number): SharedTable[] {
  return [
    ...learner.networks.flatMap(({ network }) => networkTables(network as TrackedNetwork, seed)),
    ...denseTables('fusion', learner.preference.tensors?.() ?? new Map()),
  ]
}

function networkTables(network: TrackedNetwork, seed: number): SharedTable[] {
  const { spec } = network
  const [items, sources] = network.follow()
  const where = untilGrown(network)
  const tables = itemTables(network, where, items!, { of: 'items', shift: 0, seed })
  if (spec.users === 'history') {
    const shift = spec.startItem ? 1 : 0
    tables.push(...itemTables(network, where, sources!, { of: 'sources', shift, seed }))
  }
  const rows = new Set([items!, sources!].flatMap((live) => [...live.columns().keys()]))
  const dense = new Map(
    [...network.tensors()].filter(([name]) => !rows.has(name) && !ownTable.test(name)),
  )
  return [...tables, ...denseTables(spec.name, dense, where)]
}

/** One table for each tensor of rows, joined with the optimizer's sums of the same rows. */
function itemTables(
  network: TrackedNetwork,
  where: Where,
  live: LiveRows,
  { of, shift, seed }: { of: 'items' | 'sources'; shift: number; seed: number },
): SharedTable[] {
  const { noise } = network.spec
  const names = [...live.columns().keys()]
  const [first] = names
  if (first === undefined) return []
  const pieces = piecesIn(where, names)
  return [
    {
      name: `${network.spec.name}/${of}`,
      shift,
      get rows() {
        const [{ values, width }] = pieces() as [SharedPiece]
        return Math.floor(values.length / width)
      },
      pieces,
      changed: live.changed,
      isRounded: true,
      begin(items, from) {
        network.beforeWrite(
          of,
          Int32Array.from(items, (_, k) => from + k),
        )
        const own = pieces()
        names.forEach((name, p) => {
          if (!drawn.test(name)) return
          const { values, width } = own[p]!
          const key = tableKey(seed, name)
          items.forEach((item, k) => {
            fillNormal(values, (from + k) * width, width, key, tableKey(0, item), noise)
          })
        })
      },
      beforeWrite(rows) {
        // Whatever the network keeps of its rows for pairs is out of date.
        if (!isTotal(network.spec)) network.tensors()
        network.beforeWrite(of, rows)
      },
      tell(rows) {
        network.tell(of, rows)
      },
    },
  ]
}

/** Weights that every event may move: a row for each of their rows. */
function denseTables(
  prefix: string,
  tensors: ReadonlyMap<string, Tensor>,
  where?: Where,
): SharedTable[] {
  return [...tensors].map(([name, { shape }]) => ({
    name: name.startsWith(prefix) ? name : `${prefix}/${name}`,
    shift: undefined,
    rows: shape[0]!,
    pieces: piecesIn(where ?? (() => tensors), [name]),
    // Output weights are few, and every event depends on them.
    isRounded: where !== undefined,
    begin: () => undefined,
  }))
}

/** Tensors as they lie now; the same map as long as they lie there. */
type Where = () => ReadonlyMap<string, Tensor>

/** To look up all tensors takes longer than to write to some rows of them. */
function untilGrown(network: TrackedNetwork): Where {
  let found = network.tensors()
  let { growth } = network
  return () => {
    // Memory of WebAssembly that has grown leaves its views empty.
    const [first] = found.values()
    if (growth !== network.growth || first?.data.buffer.byteLength === 0) found = network.tensors()
    growth = network.growth
    return found
  }
}

function piecesIn(where: Where, names: readonly string[]): () => readonly SharedPiece[] {
  let from: ReadonlyMap<string, Tensor> | undefined
  let pieces: SharedPiece[] = []
  return () => {
    const tensors = where()
    if (tensors === from) return pieces
    from = tensors
    pieces = names.map((name) => {
      const { shape, data } = tensors.get(name)!
      return { values: data as Float32Array, width: widthOf(shape.slice(1)) }
    })
    return pieces
  }
}
