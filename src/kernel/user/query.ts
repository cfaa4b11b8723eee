// The query of a user, and the scores of items where a score orders them: s = (w1 + w2)·(x ⊙ v) (eq. 20), or s = x·v +
// b without output weights. Nothing here writes to the model.

import {
  blockCount, factors, hasHistory, hasOutputWeights, input, layerCount, listCounts, listRows, listStride, listWeights,
  outputWeights, query, queryN, x, x1, x2, xs,
} from '../globals'
import { ADAM, Table, itemBias, itemsD, itemsN, sourceD, sourceN } from '../records'
import { layerOf, runLayers } from '../dense/layers'
import { addScaled } from '../dense/weights'
import { currentRow } from '../rows/adam-catch-up'
import { addValues, dotRow, dotRows } from '../rows/dot-products'
import { sumRows } from '../rows/row-sums'
import { copyRow } from '../simd/lanes'
import { readSources } from './history'

/** Computes x of user k, then x1, x2 and xs. `upToDate`: no row that is read has missed updates. */
export function readQuery(k: i32, upToDate: bool): void {
  readUser(k, x, input, upToDate)
  if (query > queryN) readTower()
  if (hasOutputWeights) weighQuery()
}

/** Computes what the model knows about user k: NBPR's query, and DNCR's vector for the tower. */
export function readUser(k: i32, queryTo: usize, towerTo: usize, upToDate: bool): void {
  readSources(k)
  if (sourceN.kind >= 0) sumSources(sourceN, queryTo, upToDate)
  if (sourceD.kind >= 0) sumSources(sourceD, towerTo, upToDate)
}

/** x1, x2 and xs from x. */
export function weighQuery(): void {
  const w1 = outputWeights
  const w2 = w1 + (query << 2)
  for (let d: usize = 0; d < <usize>query << 2; d += 16) {
    const v = v128.load(x + d)
    const first = f32x4.mul(v, v128.load(w1 + d))
    const second = f32x4.mul(v, v128.load(w2 + d))
    v128.store(x1 + d, first)
    v128.store(x2 + d, second)
    v128.store(xs + d, f32x4.add(first, second))
  }
}

/** t = Σ_b p_b + the output of the last layer. */
function readTower(): void {
  if (layerCount > 0) runLayers()
  const t = x + (queryN << 2)
  const one: f32 = 1
  for (let d = 0; d < factors; d++) store<f32>(t + (d << 2), 0)
  for (let b = 0; b < blockCount; b++) addScaled(t, input + ((b * factors) << 2), factors, one)
  if (layerCount > 0) addScaled(t, layerOf(layerCount - 1).out, factors, one)
}

function sumSources(table: Table, out: usize, upToDate: bool): void {
  const width = table.width
  for (let b = 0; b < blockCount; b++) {
    const at = (b * width) << 2
    const rows = listRows + ((b * listStride) << 2)
    const weights = listWeights + ((b * listStride) << 2)
    const count = load<i32>(listCounts + (b << 2))
    if (!hasHistory && (upToDate || table.kind != ADAM)) {
      copyRow(out, table.values + load<i32>(rows) * (width << 2), width)
      continue
    }
    if (upToDate || table.kind != ADAM) {
      sumRows(out + at, table.values + at, table.columns, width, rows, weights, count)
      continue
    }
    for (let d: usize = 0; d < <usize>width << 2; d += 4) store<f32>(out + at + d, 0)
    for (let l: usize = 0; l < <usize>count << 2; l += 4) {
      addScaled(out + at, currentRow(table, load<i32>(rows + l), 0) + at, width, load<f32>(weights + l))
    }
  }
}

/** out[n] = vector·v of items[n], plus the item's bias if there is one. `out` is padded to a multiple of four. */
export function scoreItems(vector: usize, items: usize, count: i32, out: usize, upToDate: bool): void {
  let more = false
  if (itemsN.kind >= 0) {
    scoreTable(itemsN, vector, queryN, items, count, out, false, upToDate)
    more = true
  }
  if (query > queryN) {
    const t = vector + (queryN << 2)
    scoreTable(itemsD, t, query - queryN, items, count, out, more, upToDate)
  }
  if (itemBias.kind < 0) return
  if (upToDate || itemBias.kind != ADAM) addValues(out, itemBias.values, items, count)
  else {
    for (let n: usize = 0; n < <usize>count << 2; n += 4) {
      const value = load<f32>(currentRow(itemBias, max(load<i32>(items + n), 0), 0))
      store<f32>(out + n, load<f32>(out + n) + value)
    }
  }
}

function scoreTable(
  table: Table, vector: usize, width: i32, items: usize, count: i32, out: usize, add: bool, upToDate: bool,
): void {
  if (upToDate || table.kind != ADAM) {
    dotRows(out, vector, table.values, table.columns, width, items, count, add)
    return
  }
  for (let n: usize = 0; n < <usize>count << 2; n += 4) {
    const s = dotRow(vector, currentRow(table, max(load<i32>(items + n), 0), 0), width)
    store<f32>(out + n, add ? load<f32>(out + n) + s : s)
  }
}
