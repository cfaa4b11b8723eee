// What all parts of this engine work on: the store, scratch memory of fixed size, made once for each network, and the
// gradients of an update summed by touched row, so that each row is updated once, however often it occurs.
//
// Symbols: x the query that items are scored by ([p of NBPR ; t of the user tower]), p DNCR's user vector (B blocks),
// d… the gradient of the loss by …

import { catchUpRow } from '../../learn/network/adam-catch-up.ts'
import { createSourceReader, type SourceReader } from '../../learn/network/history-rows.ts'
import type { Table } from '../../learn/network/layout.ts'
import { updateRow } from '../../learn/network/rows.ts'
import type { Store } from '../../learn/network/store.ts'
import type { DrawBatch } from '../../ports/engine.ts'

/** Not used where the rows of a single draw are updated immediately. */
export interface RowGradients {
  readonly table: Table
  /** The offset in `sums` of the gradient (width) of block b of a row, which is zero at its first use. */
  touch(row: number, b: number): number
  /** Replaced when it grows: read it after touch(). */
  sums: Float64Array
  grow(): void
  /** Updates every touched row with its sum, and clears the sums. t counts updates from 1. */
  apply(store: Store, t: number): void
}

export function createRowGradients(table: Table): RowGradients {
  const { blocks, width } = table
  let slots = new Int32Array(0)
  let keys = new Int32Array(64)
  let used = 0
  const gradients: RowGradients = {
    table,
    sums: new Float64Array(64 * width),
    touch(row, b) {
      const key = row * blocks + b
      let slot = slots[key]! - 1
      if (slot < 0) {
        if (used === keys.length) widen()
        slot = used++
        slots[key] = used
        keys[slot] = key
        gradients.sums.fill(0, slot * width, slot * width + width)
      }
      return slot * width
    },
    grow() {
      if (table.capacity * blocks > slots.length) slots = new Int32Array(table.capacity * blocks)
    },
    apply(store, t) {
      for (let slot = 0; slot < used; slot++) {
        const key = keys[slot]!
        const row = Math.floor(key / blocks)
        updateRow(store, table, row, key - row * blocks, gradients.sums, slot * width, 1, t)
        slots[key] = 0
      }
      used = 0
    },
  }
  function widen(): void {
    const more = new Int32Array(keys.length * 2)
    more.set(keys)
    keys = more
    const sums = new Float64Array(gradients.sums.length * 2)
    sums.set(gradients.sums)
    gradients.sums = sums
  }
  return gradients
}

export interface Scratch {
  readonly store: Store
  readonly reader: SourceReader
  readonly x: Float64Array
  readonly dx: Float64Array
  /** x ⊙ w1, x ⊙ w2 and their sum (eqs. 19, 20); with `output: 'ones'` all three are x itself. */
  readonly x1: Float64Array
  readonly x2: Float64Array
  readonly xs: Float64Array
  /** Σ α·v and Σ γ·v over the items of a draw (learn-draw.ts). */
  readonly e1: Float64Array
  readonly e2: Float64Array
  /** The gradient of one item row. */
  readonly dv: Float64Array
  /** activations[0] is the input of the tower, [l] the output of layer l; deltas are their gradients. */
  readonly activations: readonly Float64Array[]
  readonly deltas: readonly Float64Array[]
  /** Joint tower: the part of layer 1 that depends on the user alone, and dp over the pairs of a draw. */
  readonly userPart: Float64Array
  readonly dp: Float64Array
  /** The gradient of all dense weights of an update, and whether they learn at all. */
  readonly dense: Float64Array
  readonly denseLearns: boolean
  readonly gradientList: readonly RowGradients[]
  readonly rowsN: RowGradients | undefined
  readonly rowsD: RowGradients | undefined
  readonly itemRowsN: RowGradients | undefined
  readonly itemRowsD: RowGradients | undefined
  readonly biasRows: RowGradients | undefined
}

export function createScratch(store: Store): Scratch {
  const { layout } = store
  const { shape, spec } = layout
  const gradientList = layout.tables.map((table) => createRowGradients(table))
  const rows = (table: Table | undefined) => gradientList.find((list) => list.table === table)
  const x = new Float64Array(shape.query)
  const ones = spec.output === 'ones'
  const like = () => (ones ? x : new Float64Array(shape.query))
  const user = shape.blocks * shape.widthD
  const input = shape.joint ? user + 2 * shape.widthD : shape.hasD ? user : 0
  const sizes = [input, ...shape.layers.map((layer) => layer.outputs)]
  return {
    store,
    reader: createSourceReader(spec),
    x,
    dx: new Float64Array(shape.query),
    x1: like(),
    x2: like(),
    xs: like(),
    e1: new Float64Array(shape.query),
    e2: new Float64Array(shape.query),
    dv: new Float64Array(Math.max(shape.query, shape.widthD)),
    activations: sizes.map((size) => new Float64Array(size)),
    deltas: sizes.map((size) => new Float64Array(size)),
    userPart: new Float64Array(shape.joint ? (sizes[1] ?? 0) : 0),
    dp: new Float64Array(user),
    dense: new Float64Array(layout.dense.length),
    denseLearns: spec.dense.rate > 0 && layout.dense.length > 0,
    gradientList,
    rowsN: rows(layout.sourceN),
    rowsD: rows(layout.sourceD),
    itemRowsN: rows(layout.itemsN),
    itemRowsD: rows(layout.itemsD),
    biasRows: rows(layout.itemBias),
  }
}

export function growScratch(scratch: Scratch): void {
  const { sourceN, sourceD } = scratch.store.layout
  scratch.reader.grow((sourceN ?? sourceD)!.rows)
  for (const gradients of scratch.gradientList) gradients.grow()
}

/** Brings every row that draw k reads up to date. Only tables with Adam can have missed updates. */
export function catchUpDraw(scratch: Scratch, batch: DrawBatch, k: number): void {
  const { store } = scratch
  const each = batch.negatives * batch.choices
  if (!hasCandidate(batch.candidates, k * each, (k + 1) * each)) return
  scratch.reader.read(batch, k)
  const { stride, rows, counts } = scratch.reader.lists
  const { sourceN, sourceD, itemsN, itemsD, itemBias } = store.layout
  for (const table of [sourceN, sourceD]) {
    if (!table?.isAdam) continue
    for (let b = 0; b < table.blocks; b++) {
      const end = b * stride + counts[b]!
      for (let l = b * stride; l < end; l++) catchUpRow(store, table, rows[l]!)
    }
  }
  for (const table of [itemsN, itemsD, itemBias]) {
    if (!table?.isAdam) continue
    catchUpRow(store, table, batch.positives[k]!)
    for (let c = k * each; c < (k + 1) * each; c++) {
      if (batch.candidates[c]! >= 0) catchUpRow(store, table, batch.candidates[c]!)
    }
  }
}

function hasCandidate(candidates: Int32Array, from: number, to: number): boolean {
  for (let c = from; c < to; c++) if (candidates[c]! >= 0) return true
  return false
}
