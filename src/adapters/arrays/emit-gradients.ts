// From the gradients of a draw to its rows: the rows are updated immediately where that is possible, otherwise their
// gradients are summed for the update. Symbols as in learn-draw.ts.

import type { Table } from '../../learn/network/layout.ts'
import { adagradRow, updateRow } from '../../learn/network/optimizers.ts'
import type { Chosen } from './chosen-items.ts'
import { addScaled } from './loops.ts'
import type { RowGradients } from './row-gradients.ts'
import type { Scratch } from './scratch.ts'

/** dloss/dv = α·x1 + γ·x2 for each item. A block without history took no part and is not touched. */
export function emitItems(scratch: Scratch, chosen: Chosen, immediate: boolean, t: number): void {
  const { layout } = scratch.store
  const { itemsN, itemBias, shape } = layout
  const { query, queryN, factors, blocks } = shape
  const { counts } = scratch.reader.lists
  const learned = shape.outputs > 0
  for (let n = 0; n < chosen.count; n++) {
    const item = chosen.items[n]!
    const alpha = chosen.alphas[n]!
    const gamma = chosen.gammas[n]!
    const vector = learned ? scratch.dv : scratch.x
    const scale = learned ? 1 : alpha + gamma
    if (learned) {
      for (let d = 0; d < query; d++) vector[d] = alpha * scratch.x1[d]! + gamma * scratch.x2[d]!
    }
    if (itemsN !== undefined) {
      for (let b = 0; b < blocks; b++) {
        if (counts[b]! > 0)
          emit(scratch, scratch.itemRowsN!, item, b, vector, b * factors, scale, immediate, t)
      }
    }
    if (query > queryN) {
      emit(scratch, scratch.itemRowsD!, item, 0, vector, queryN, scale, immediate, t)
    }
    if (itemBias !== undefined) {
      scratch.dv[0] = alpha + gamma
      emit(scratch, scratch.biasRows!, item, 0, scratch.dv, 0, 1, immediate, t)
    }
  }
}

/** `immediate`: the row is updated now, as update t; otherwise its gradient is added to the sums. */
export function emit(
  scratch: Scratch,
  rows: RowGradients,
  row: number,
  b: number,
  vector: Float64Array,
  at: number,
  scale: number,
  immediate: boolean,
  t: number,
): void {
  if (immediate) {
    updateRow(scratch.store, rows.table, row, b, vector, at, scale, t)
    return
  }
  const { width } = rows.table
  const slot = rows.touch(row, b)
  addScaled(rows.sums, slot, scale, vector, at, width)
}

/** dloss/dS[row_l] = weight_l · dp_b for every source row of the user. */
export function emitSources(
  scratch: Scratch,
  rows: RowGradients,
  dp: Float64Array,
  immediate: boolean,
  t: number,
): void {
  const { table } = rows
  const { lists } = scratch.reader
  const { stride, weights, counts } = lists
  for (let b = 0; b < table.blocks; b++) {
    const end = b * stride + counts[b]!
    if (immediate && table.optimizer.kind === 'adagrad') {
      adagradList(scratch, table, b, dp)
      continue
    }
    for (let l = b * stride; l < end; l++) {
      emit(scratch, rows, lists.rows[l]!, b, dp, b * table.width, weights[l]!, immediate, t)
    }
  }
}

/** Adagrad on block b of every source row, immediately: the most frequent case in the worker. */
function adagradList(scratch: Scratch, table: Table, b: number, dp: Float64Array): void {
  const { floats } = scratch.store
  const { stride, rows, weights, counts } = scratch.reader.lists
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
