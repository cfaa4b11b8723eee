// What the workers of a group share of a learner: the rows of items in every network, the dense weights, and the output
// weights. Rows of users stay with the worker that has the user.

import { fillNormal, tableKey } from '../../learn/network/init.ts'
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
  const tables = itemTables(network, items!, 'items', 0, seed)
  const isHistory = spec.users === 'history'
  if (isHistory)
    tables.push(...itemTables(network, sources!, 'sources', spec.startItem ? 1 : 0, seed))
  const rows = new Set([items!, sources!].flatMap((live) => [...live.columns().keys()]))
  const dense = new Map(
    [...network.tensors()].filter(([name]) => !rows.has(name) && !ownTable.test(name)),
  )
  return [...tables, ...denseTables(spec.name, dense, network)]
}

/** One table for each tensor of rows, joined with the optimizer's sums of the same rows. */
function itemTables(
  network: TrackedNetwork,
  live: LiveRows,
  of: 'items' | 'sources',
  shift: number,
  seed: number,
): SharedTable[] {
  const { noise } = network.spec
  const names = [...live.columns().keys()]
  const [first] = names
  if (first === undefined) return []
  const pieces = untilGrown(network, (): SharedPiece[] => {
    const columns = live.columns()
    const { rows } = live
    return names.map((name) => {
      const { rowShape, read } = columns.get(name)!
      return { values: read(0, rows) as Float32Array, width: widthOf(rowShape) }
    })
  })
  return [
    {
      name: `${network.spec.name}/${of}`,
      shift,
      get rows() {
        const [{ values, width }] = pieces() as [SharedPiece]
        return values.length / width
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

/** Weights that every event may move: a row for each of their rows. `network`: whose tensors they are. */
function denseTables(
  prefix: string,
  tensors: ReadonlyMap<string, Tensor>,
  network?: TrackedNetwork,
): SharedTable[] {
  return [...tensors].map(([name, { shape, data }]) => {
    const width = widthOf(shape.slice(1))
    const of = (values: unknown): SharedPiece[] => [{ values: values as Float32Array, width }]
    const fixed = of(data)
    return {
      name: name.startsWith(prefix) ? name : `${prefix}/${name}`,
      shift: undefined,
      rows: shape[0]!,
      pieces: network
        ? untilGrown(network, () => of(network.tensors().get(name)!.data))
        : () => fixed,
      isRounded: false,
      begin: () => undefined,
    }
  })
}

/** What `make` gives, which lies where the network has its rows: made anew when that may have changed. */
function untilGrown(network: TrackedNetwork, make: () => SharedPiece[]): () => SharedPiece[] {
  let made: SharedPiece[] = []
  let growth = -1
  return () => {
    // Memory of WebAssembly that has grown leaves its views empty.
    const isThere = made.every(({ values }) => values.length > 0)
    if (growth !== network.growth || !isThere) made = make()
    growth = network.growth
    return made
  }
}
