// Scores of all items 0 … n-1 at once, without a list of their ids.

import { e1, query, queryN } from '../globals'
import { ADAM, Table, itemBias, itemsD, itemsN } from '../records'
import { currentRow } from '../rows/adam-catch-up'
import { dotRow } from '../rows/dot-products'
import { addProduct, firstLanes, fourSums } from '../simd/lanes'
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
  const bytes = table.columns << 2
  const whole = (width & ~3) << 2
  const mask = firstLanes(width & 3)
  let row = table.values
  for (let i = 0; i < count; i += 4) {
    const a = row
    const b = i + 1 < count ? a + bytes : a
    const c = i + 2 < count ? b + bytes : a
    const e = i + 3 < count ? c + bytes : a
    let sa = f32x4.splat(0)
    let sb = sa
    let sc = sa
    let se = sa
    let d = 0
    for (; d < whole; d += 16) {
      const v = v128.load(vector + d)
      sa = addProduct(sa, v, v128.load(a + d))
      sb = addProduct(sb, v, v128.load(b + d))
      sc = addProduct(sc, v, v128.load(c + d))
      se = addProduct(se, v, v128.load(e + d))
    }
    if ((width & 3) != 0) {
      const v = v128.load(vector + d)
      sa = addProduct(sa, v, v128.and(v128.load(a + d), mask))
      sb = addProduct(sb, v, v128.and(v128.load(b + d), mask))
      sc = addProduct(sc, v, v128.and(v128.load(c + d), mask))
      se = addProduct(se, v, v128.and(v128.load(e + d), mask))
    }
    const sums = fourSums(sa, sb, sc, se)
    const to = out + (i << 2)
    v128.store(to, add ? f32x4.add(v128.load(to), sums) : sums)
    row += bytes << 2
  }
}
