// From the gradients of a draw to its rows: at once on the shortest path, else summed for the update.
//
// Symbols: as in total.ts.

import type { Table } from '../../learn/network/layout.ts'
import { adagradRow, updateRow } from '../../learn/network/optimizers.ts'
import type { Chosen } from './chosen-items.ts'
import { addScaled } from './loops.ts'
import type { RowGradients } from './row-gradients.ts'
import type { Core } from './scratch.ts'

/** dloss/dv = α·x1 + γ·x2 for each item; a block without history took no part and is not touched. */
export function emitItems(core: Core, chosen: Chosen, now: boolean, t: number): void {
  const { layout } = core.store
  const { itemsN, itemBias, shape } = layout
  const { query, queryN, factors, blocks } = shape
  const { counts } = core.reader.lists
  const learned = shape.outputs > 0
  for (let n = 0; n < chosen.count; n++) {
    const item = chosen.items[n]!
    const alpha = chosen.alphas[n]!
    const gamma = chosen.gammas[n]!
    const vector = learned ? core.dv : core.x
    const scale = learned ? 1 : alpha + gamma
    if (learned) {
      for (let d = 0; d < query; d++) vector[d] = alpha * core.x1[d]! + gamma * core.x2[d]!
    }
    if (itemsN !== undefined) {
      for (let b = 0; b < blocks; b++) {
        if (counts[b]! > 0) emit(core, core.itemRowsN!, item, b, vector, b * factors, scale, now, t)
      }
    }
    if (query > queryN) {
      emit(core, core.itemRowsD!, item, 0, vector, queryN, scale, now, t)
    }
    if (itemBias !== undefined) {
      core.dv[0] = alpha + gamma
      emit(core, core.biasRows!, item, 0, core.dv, 0, 1, now, t)
    }
  }
}

/** `now`: the row is updated at once, as update t; else its gradient waits for the update. */
export function emit(
  core: Core,
  rows: RowGradients,
  row: number,
  b: number,
  vector: Float64Array,
  at: number,
  scale: number,
  now: boolean,
  t: number,
): void {
  if (now) {
    updateRow(core.store, rows.table, row, b, vector, at, scale, t)
    return
  }
  const { width } = rows.table
  const slot = rows.touch(row, b)
  addScaled(rows.sums, slot, scale, vector, at, width)
}

/** dloss/dS[row_l] = weight_l · dp_b for every source row of the user. */
export function emitSources(
  core: Core,
  rows: RowGradients,
  dp: Float64Array,
  now: boolean,
  t: number,
): void {
  const { table } = rows
  const { lists } = core.reader
  const { stride, weights, counts } = lists
  for (let b = 0; b < table.blocks; b++) {
    const end = b * stride + counts[b]!
    if (now && table.optimizer.kind === 'adagrad') {
      adagradList(core, table, b, dp)
      continue
    }
    for (let l = b * stride; l < end; l++) {
      emit(core, rows, lists.rows[l]!, b, dp, b * table.width, weights[l]!, now, t)
    }
  }
}

/** The shortest path of the worker: block b of every source row, at once. */
function adagradList(core: Core, table: Table, b: number, dp: Float64Array): void {
  const { floats } = core.store
  const { stride, rows, weights, counts } = core.reader.lists
  const { optimizer, width, columns, blocks, values, state } = table
  if (optimizer.kind !== 'adagrad') return
  const { rate, l2 } = optimizer
  const at = b * width
  const end = b * stride + counts[b]!
  for (let l = b * stride; l < end; l++) {
    const row = rows[l]!
    const w = values + row * columns + at
    adagradRow(floats, w, width, state + row * blocks + b, dp, at, weights[l]!, rate, l2)
  }
}
