// Updates rows by the optimizer of their table. Plain SGD is here; Adagrad and Adam have files of their own.

import { ADAGRAD, ADAM, Table } from '../records'
import { adagradRows } from './adagrad'
import { adamRows } from './adam'
import { moveRow } from './plain-step'

/**
 * Updates block b of `count` different rows. The gradient of row l is weight_l · g; g is padded to a multiple of four.
 */
export function updateRows(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize,
): void {
  if (table.kind == ADAGRAD) adagradRows(table, b, rows, weights, count, g)
  else if (table.kind == ADAM) adamRows(table, b, rows, weights, count, g)
  else sgdRows(table, b, rows, weights, count, g)
}

function sgdRows(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize,
): void {
  const base = table.values + ((b * table.width) << 2)
  const keep: f32 = 1 - table.rate * table.l2
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const w = base + ((load<i32>(rows + l) * table.columns) << 2)
    moveRow(w, g, table.width, keep, table.rate * load<f32>(weights + l))
  }
}
