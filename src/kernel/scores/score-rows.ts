// Scores of a few items, to the last bit those that score-all.ts gives, and the query that they are made from.

import { hasOutputWeights, query, queryN, x, xs } from '../globals'
import { itemBias, itemsD, itemsN } from '../records'
import { dotRows } from '../rows/dot-products'
import { addProduct, gather } from '../simd/lanes'
import { readQuery } from '../user/query'

/** vector = weight times the query of user 0, padded to a multiple of four floats. */
export function weighQuery(weight: f32, vector: usize): void {
  readQuery(0, false)
  const own = hasOutputWeights ? xs : x
  const w = f32x4.splat(weight)
  for (let d: usize = 0; d < <usize>query << 2; d += 16) v128.store(vector + d, f32x4.mul(w, v128.load(own + d)))
}

/**
 * out[n] += what scoreAll() adds for items[n], n < count: `vector` is that of weighQuery(). No table may have missed
 * updates. `items` and `out` are padded to a multiple of four.
 */
export function scoreRows(vector: usize, weight: f32, items: usize, count: i32, out: usize): void {
  if (itemsN.kind >= 0) {
    dotRows(out, vector, itemsN.values, itemsN.columns, queryN, items, count, true)
  }
  if (query > queryN) {
    const t = vector + (queryN << 2)
    dotRows(out, t, itemsD.values, itemsD.columns, query - queryN, items, count, true)
  }
  if (itemBias.kind < 0) return
  const w = f32x4.splat(weight)
  const b = itemBias.values
  for (let n: usize = 0; n < <usize>count << 2; n += 16) {
    const at = items + n
    const biases = gather(
      b + (load<i32>(at) << 2), b + (load<i32>(at, 4) << 2), b + (load<i32>(at, 8) << 2), b + (load<i32>(at, 12) << 2),
    )
    v128.store(out + n, addProduct(v128.load(out + n), w, biases))
  }
}
