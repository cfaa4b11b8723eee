// Numbers of every item at once, without a list of their ids: scores of items 0 … n-1, and logarithms of counts.

import { ADAM, Table, e1, itemBias, itemsD, itemsN, learned, query, queryN, x, xs } from '../memory'
import { look } from '../rows/adam-catch-up'
import { addProduct, firstLanes, fourSums } from '../simd/lanes'
import { readQuery } from '../user/query'
import { dotRow } from '../rows/row-products'

/**
 * out[i] (+)= weight · s(user 0, i) for i < count; `out` has room for whole lanes. Rows that have missed updates are
 * looked at settled.
 */
export function scoreAll(count: i32, out: usize, weight: f32, add: bool): void {
  readQuery(0, false)
  const own = learned ? xs : x
  // Its place is free between draws.
  const vector = e1
  const w = f32x4.splat(weight)
  for (let d: usize = 0; d < <usize>query << 2; d += 16) v128.store(vector + d, f32x4.mul(w, v128.load(own + d)))
  let more = add
  if (itemsN.kind >= 0) {
    dotTable(itemsN, vector, queryN, count, out, more)
    more = true
  }
  if (query > queryN) dotTable(itemsD, vector + (queryN << 2), query - queryN, count, out, more)
  if (itemBias.kind < 0) return
  if (itemBias.kind == ADAM) {
    for (let i = 0; i < count; i++) {
      store<f32>(out + (i << 2), load<f32>(out + (i << 2)) + weight * load<f32>(look(itemBias, i, 0)))
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
      const s = dotRow(vector, look(table, i, 0), width)
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

/** For ln y: √½, 1, the terms of the polynomial over f = m - 1 from the highest on, ½, and ln 2 in two parts. */
const LOG: usize = memory.data<f32>([
  7.0376836292e-2, 7.0376836292e-2, 7.0376836292e-2, 7.0376836292e-2,
  -1.1514610310e-1, -1.1514610310e-1, -1.1514610310e-1, -1.1514610310e-1,
  1.1676998740e-1, 1.1676998740e-1, 1.1676998740e-1, 1.1676998740e-1,
  -1.2420140846e-1, -1.2420140846e-1, -1.2420140846e-1, -1.2420140846e-1,
  1.4249322787e-1, 1.4249322787e-1, 1.4249322787e-1, 1.4249322787e-1,
  -1.6668057665e-1, -1.6668057665e-1, -1.6668057665e-1, -1.6668057665e-1,
  2.0000714765e-1, 2.0000714765e-1, 2.0000714765e-1, 2.0000714765e-1,
  -2.4999993993e-1, -2.4999993993e-1, -2.4999993993e-1, -2.4999993993e-1,
  3.3333331174e-1, 3.3333331174e-1, 3.3333331174e-1, 3.3333331174e-1,
], 16)

/** ln y for four y from 1 to 2^100, within 2 units of the last place of the larger of it and 1. */
// @ts-ignore: decorator
@inline
function log(y: v128): v128 {
  // y = 2^e · m with m in √½ … √2.
  const e = i32x4.shr_s(i32x4.sub(y, i32x4.splat(0x3f3504f3)), 23)
  const f = f32x4.sub(i32x4.sub(y, i32x4.shl(e, 23)), f32x4.splat(1))
  let p = v128.load(LOG)
  for (let t = 16; t <= 128; t += 16) p = f32x4.add(f32x4.mul(p, f), v128.load(LOG + t))
  const square = f32x4.mul(f, f)
  const tail = f32x4.sub(f32x4.mul(f32x4.mul(p, f), square), f32x4.mul(f32x4.splat(0.5), square))
  const power = f32x4.convert_i32x4_s(e)
  const low = f32x4.mul(power, f32x4.splat(-2.12194440e-4))
  return f32x4.add(f32x4.add(f32x4.add(tail, low), f), f32x4.mul(power, f32x4.splat(0.693359375)))
}

/**
 * logs[i][k] = ln(1 + counts[i][k] · scales[k]) for i < count. counts is (count, kinds) of f64, scales f64 and there four
 * times over; `logs` has room for (count, kinds) floats in whole lanes.
 */
export function countLogs(counts: usize, count: i32, kinds: i32, scales: usize, logs: usize): void {
  const end = count * kinds
  const one = f32x4.splat(1)
  const period = kinds << 5
  let scale = 0
  for (let n = 0; n < end; n += 4) {
    const from = counts + (n << 3)
    const lower = f64x2.mul(v128.load(from), v128.load(scales + scale))
    const upper = f64x2.mul(v128.load(from, 16), v128.load(scales + scale, 16))
    const four = v128.shuffle<i64>(f32x4.demote_f64x2_zero(lower), f32x4.demote_f64x2_zero(upper), 0, 2)
    v128.store(logs + (n << 2), log(f32x4.add(four, one)))
    scale += 32
    if (scale == period) scale = 0
  }
}

/** out[i] (+)= Σ_k weights[k] · logs[i][k] for i < count, of floats all. */
export function sumLogs(
  logs: usize, count: i32, kinds: i32, weights: usize, out: usize, add: bool,
): void {
  for (let i = 0; i < count; i++) {
    let sum: f32 = add ? load<f32>(out + (i << 2)) : 0
    for (let k = 0; k < kinds; k++) {
      sum += load<f32>(weights + (k << 2)) * load<f32>(logs + ((i * kinds + k) << 2))
    }
    store<f32>(out + (i << 2), sum)
  }
}

/** Each of `count` floats x, in whole lanes, becomes ln(1 + x). */
export function logs(at: usize, count: i32): void {
  const one = f32x4.splat(1)
  const end = at + (count << 2)
  for (let n = at; n < end; n += 16) v128.store(n, log(f32x4.add(v128.load(n), one)))
}
