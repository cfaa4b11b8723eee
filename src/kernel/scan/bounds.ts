// Upper bounds of q·x by Cauchy and Schwarz:
//   q·x ≤ q̂_h·x̂_h + |q_h| |x_h - x̂_h| + |q_t| |x_t|             from the head alone,
//   q·x ≤ q̂_h·x̂_h + |q_h| |x_h - x̂_h| + q̂_m·x̂_m + |q_t| |x_t - x̂_t| + |q_e| |x_e|  from the middle, too,
//   q·x ≤ q̂_h·x̂_h + |q_h| |x_h - x̂_h| + q̂_t·x̂_t + |q_t| |x_t - x̂_t|  from the whole row.
// The rounding of q is in the norms of the rows (quantize.ts).

import {
  bounds, chunkItems, chunkOf, columnsAt, endNormAt, endsAt, headErrorsAt, headScalesAt, headWidth, levels, middleBytes,
  middlesAt, middleWidth, placeIn, tailErrorAt, tailNormAt, tailNormsAt, tailScaleAt, tailWidth,
} from './arrays'

/** [Σa, Σb, Σc, Σd] of whole numbers. */
// @ts-ignore: decorator
@inline
function fourSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7))
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7))
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7))
}

/** Adds the products of sixteen bytes of a row with sixteen numbers of the query. */
// @ts-ignore: decorator
@inline
function addSixteen(sum: v128, at: usize, low: v128, high: v128): v128 {
  return i32x4.add(
    i32x4.add(sum, i32x4.dot_i16x8_s(v128.load_ext<i8>(at), low)), i32x4.dot_i16x8_s(v128.load_ext<i8>(at, 8), high),
  )
}

// @ts-ignore: decorator
@inline
function dotHead(at: usize, q0: v128, q1: v128, q2: v128, q3: v128, q4: v128, q5: v128, q6: v128, q7: v128): v128 {
  let sum = addSixteen(i32x4.splat(0), at, q0, q1)
  sum = addSixteen(sum, at + 16, q2, q3)
  sum = addSixteen(sum, at + 32, q4, q5)
  return addSixteen(sum, at + 48, q6, q7)
}

/**
 * Bounds of items first … first+count-1 from their heads, and onto them Σ_k weights[k] · level k + base; first is a
 * multiple of four. `query`: the query's head, `headWidth` i16; `unit`: what a unit of it stands for; `head`, `tail`:
 * |q_h|, |q_t|; `weights`: four i16 twice over, of `levelUnit` each.
 */
export function boundAll(
  first: i32, count: i32, query: usize, unit: f32, head: f32, tail: f32, weights: usize, levelUnit: f32, base: f32,
): void {
  const end = first + count
  for (let item = first; item < end; ) {
    const next = min(end, (item | (chunkItems - 1)) + 1)
    boundChunk(item, next - item, query, unit, head, tail, weights, levelUnit, base)
    item = next
  }
}

/** The same for items of one chunk. */
function boundChunk(
  first: i32, count: i32, query: usize, unit: f32, head: f32, tail: f32, weights: usize, levelUnit: f32, base: f32,
): void {
  const q0 = v128.load(query)
  const q1 = v128.load(query, 16)
  const q2 = v128.load(query, 32)
  const q3 = v128.load(query, 48)
  const q4 = v128.load(query, 64)
  const q5 = v128.load(query, 80)
  const q6 = v128.load(query, 96)
  const q7 = v128.load(query, 112)
  const w = v128.load(weights)
  const place = placeIn(first)
  let at = chunkOf(first) + place * headWidth
  const scales = chunkOf(first) + headScalesAt + (place << 2)
  const toErrors = headErrorsAt - headScalesAt
  const toNorms = tailNormsAt - headScalesAt
  const firstLevel = levels + (<usize>first << 2)
  const firstBound = bounds + (<usize>first << 2)
  for (let i: usize = 0; i < <usize>count << 2; i += 16) {
    const products = fourSums(
      dotHead(at, q0, q1, q2, q3, q4, q5, q6, q7),
      dotHead(at + headWidth, q0, q1, q2, q3, q4, q5, q6, q7),
      dotHead(at + 2 * headWidth, q0, q1, q2, q3, q4, q5, q6, q7),
      dotHead(at + 3 * headWidth, q0, q1, q2, q3, q4, q5, q6, q7),
    )
    at += 4 * headWidth
    const four = v128.load(firstLevel + i)
    const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(four), w)
    const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(four), w)
    const popular = i32x4.add(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.shuffle<i32>(low, high, 1, 3, 5, 7))
    const scaled = f32x4.mul(f32x4.splat(unit), v128.load(scales + i))
    let bound = f32x4.mul(f32x4.convert_i32x4_s(products), scaled)
    bound = f32x4.add(bound, f32x4.mul(f32x4.splat(head), v128.load(scales + toErrors + i)))
    bound = f32x4.add(bound, f32x4.mul(f32x4.splat(tail), v128.load(scales + toNorms + i)))
    bound = f32x4.add(bound, f32x4.mul(f32x4.convert_i32x4_s(popular), f32x4.splat(levelUnit)))
    v128.store(firstBound + i, f32x4.add(bound, f32x4.splat(base)))
  }
}

/**
 * Raises the bounds of items first … first+count-1 by Σ_k w_k |c_k - m_k|, c_k what column k has of the item; first is a
 * multiple of four. `terms`: w_k, with room for rounding, and m_k, f32, for each k < n.
 */
export function raiseAll(first: i32, count: i32, terms: usize, n: i32): void {
  const end = first + count
  for (let item = first; item < end; ) {
    const next = min(end, (item | (chunkItems - 1)) + 1)
    const columns = chunkOf(item) + columnsAt + (placeIn(item) << 2)
    for (let k = 0; k < n; k++) {
      const term = terms + (k << 3)
      raiseBy(item, next - item, columns + 4 * chunkItems * k, v128.load_splat<f32>(term), v128.load_splat<f32>(term, 4))
    }
    item = next
  }
}

/** One term for items of one chunk: a pass for each, over what a piece has in the nearest cache, is quicker than one for all. */
function raiseBy(first: i32, count: i32, column: usize, weights: v128, origins: v128): void {
  const firstBound = bounds + (<usize>first << 2)
  for (let i: usize = 0; i < <usize>count << 2; i += 16) {
    const distance = f32x4.abs(f32x4.sub(v128.load(column + i), origins))
    v128.store(firstBound + i, f32x4.add(v128.load(firstBound + i), f32x4.mul(weights, distance)))
  }
}

/**
 * Of `count` items those whose bound from the whole row is not below the threshold, into `out`, which may be `items`;
 * returns how many. Most are known to be below it from the middle of their rows, and the ends of those are not read.
 * `query`: the query's tail, i16; `unit`: what a unit of it stands for; `tail`, `end`: |q_t|, |q_e|.
 */
export function boundWhole(
  items: usize, count: i32, query: usize, unit: f32, tail: f32, end: f32, threshold: f32, out: usize,
): i32 {
  const endWidth = tailWidth - middleWidth
  let left = 0
  for (let n = 0; n < count; n++) {
    const item = load<i32>(items + (n << 2))
    const chunk = chunkOf(item)
    const place = placeIn(item)
    const middle = chunk + middlesAt + place * middleBytes
    const first = load<f32>(bounds + (<usize>item << 2))
    const scaled = unit * load<f32>(middle + tailScaleAt)
    const norms = tail * (load<f32>(middle + tailErrorAt) - load<f32>(middle + tailNormAt))
    const base = first + 1e-6 * abs(first)
    let sum = addProducts(i32x4.splat(0), middle, query, middleWidth)
    if (endWidth > 0) {
      const ends = end * load<f32>(middle + endNormAt)
      if (base + (<f32>sumOfFour(sum) * scaled + norms + ends) < threshold) continue
      sum = addProducts(sum, chunk + endsAt + place * endWidth, query + 2 * middleWidth, endWidth)
    }
    if (base + (<f32>sumOfFour(sum) * scaled + norms) < threshold) continue
    store<i32>(out + (left++ << 2), item)
  }
  return left
}

/** Adds the products of `width` bytes of a row with as many numbers of the query. */
// @ts-ignore: decorator
@inline
function addProducts(sum: v128, at: usize, query: usize, width: i32): v128 {
  for (let d = 0; d < width; d += 16) {
    const q = query + (d << 1)
    sum = addSixteen(sum, at + d, v128.load(q), v128.load(q, 16))
  }
  return sum
}

// @ts-ignore: decorator
@inline
function sumOfFour(a: v128): i32 {
  return i32x4.extract_lane(a, 0) + i32x4.extract_lane(a, 1) + i32x4.extract_lane(a, 2) + i32x4.extract_lane(a, 3)
}
