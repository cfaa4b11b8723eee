// From a draw's gradients to its rows. The items of a draw are listed once each, with their coefficients summed; the
// rows are updated immediately where that is possible, otherwise their gradients are summed for the update.
// Symbols as in learn-draw.ts.

import type { Table } from '../../learn/network/layout.ts'
import { adagradRow, updateRow } from '../../learn/network/rows.ts'
import { addScaled } from './loops.ts'
import type { RowGradients, Scratch } from './scratch.ts'

export interface Chosen {
  count: number
  items: Int32Array
  alphas: Float64Array
  gammas: Float64Array
  start(positive: number): void
  indexOf(item: number): number
  add(index: number, alpha: number, gamma: number): void
}

export function createChosen(): Chosen {
  const chosen: Chosen = {
    count: 0,
    items: new Int32Array(16),
    alphas: new Float64Array(16),
    gammas: new Float64Array(16),
    start(positive) {
      chosen.count = 1
      chosen.items[0] = positive
      chosen.alphas[0] = 0
      chosen.gammas[0] = 0
    },
    indexOf(item) {
      const { items, count } = chosen
      for (let n = 0; n < count; n++) if (items[n] === item) return n
      if (count === items.length) widen(chosen)
      chosen.items[count] = item
      chosen.alphas[count] = 0
      chosen.gammas[count] = 0
      chosen.count++
      return count
    },
    add(index, alpha, gamma) {
      chosen.alphas[index] = chosen.alphas[index]! + alpha
      chosen.gammas[index] = chosen.gammas[index]! + gamma
    },
  }
  return chosen
}

function widen(chosen: Chosen): void {
  const room = chosen.items.length * 2
  const items = new Int32Array(room)
  const alphas = new Float64Array(room)
  const gammas = new Float64Array(room)
  items.set(chosen.items)
  alphas.set(chosen.alphas)
  gammas.set(chosen.gammas)
  Object.assign(chosen, { items, alphas, gammas })
}

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
