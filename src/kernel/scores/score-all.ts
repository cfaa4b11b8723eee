// Scores of all items 0 … n-1 at once, without a list of their ids.

import { e1, query, queryN } from '../globals'
import { ADAM, Table, itemBias, itemsD, itemsN } from '../records'
import { currentRow } from '../rows/adam-catch-up'
import { dotRow, fourProducts } from '../rows/dot-products'
import { addProduct } from '../simd/lanes'
import { weighQuery } from './score-rows'

/**
 * out[i] (+)= weight · s(user 0, i) for i < count. `out` is padded to a multiple of four. Rows that have missed updates
 * are read from up-to-date copies.
 */
export function scoreAll(count: i32, out: usize, weight: f32, add: bool): void {
  // e1 is free between draws.
  const vector = e1
  weighQuery(weight, vector)
  const w = f32x4.splat(weight)
  let more = add
  if (itemsN.kind >= 0) {
    dotTable(itemsN, vector, queryN, count, out, more)
    more = true
  }
  if (query > queryN) dotTable(itemsD, vector + (queryN << 2), query - queryN, count, out, more)
  if (itemBias.kind < 0) return
  if (itemBias.kind == ADAM) {
    for (let i = 0; i < count; i++) {
      store<f32>(out + (i << 2), load<f32>(out + (i << 2)) + weight * load<f32>(currentRow(itemBias, i, 0)))
    }
    return
  }
  for (let n: usize = 0; n < <usize>count << 2; n += 16) {
    v128.store(out + n, addProduct(v128.load(out + n), w, v128.load(itemBias.values + n)))
  }
}

function dotTable(table: Table, vector: usize, width: i32, count: i32, out: usize, add: bool): void {
  if (table.kind == ADAM) {
    for (let i = 0; i < count; i++) {
      const s = dotRow(vector, currentRow(table, i, 0), width)
      store<f32>(out + (i << 2), add ? load<f32>(out + (i << 2)) + s : s)
    }
    return
  }
  const bytes = <usize>table.columns << 2
  const tiles = vector + (<usize>(width & ~15) << 2)
  const whole = vector + (<usize>(width & ~3) << 2)
  let row = table.values
  for (let i = 0; i < count; i += 4) {
    const a = row
    const b = i + 1 < count ? a + bytes : a
    const c = i + 2 < count ? b + bytes : a
    const e = i + 3 < count ? c + bytes : a
    const sums = fourProducts(vector, tiles, whole, width & 3, a, b, c, e)
    const to = out + (i << 2)
    v128.store(to, add ? f32x4.add(v128.load(to), sums) : sums)
    row += bytes << 2
  }
}
