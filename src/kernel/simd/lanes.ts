// Four floats at a time. The width of a row need not be a multiple of four: lanes that belong to the next row are
// masked when they are read, and never written, because the next row may belong to another thread (thread-pool.ts).

/** A mask with lanes 0 … n-1 set, n in 1 … 3. */
// @ts-ignore: decorator
@inline
export function firstLanes(n: i32): v128 {
  return i32x4.gt_s(i32x4.splat(n), i32x4(0, 1, 2, 3))
}

/** Stores lanes 0 … n-1, n in 1 … 3, and touches nothing after them. */
// @ts-ignore: decorator
@inline
export function storeFirst(at: usize, a: v128, n: i32): void {
  if (n == 1) {
    v128.store32_lane(at, a, 0)
    return
  }
  v128.store64_lane(at, a, 0)
  if (n == 3) v128.store32_lane(at, a, 2, 8)
}

/** [Σa, Σb, Σc, Σd] */
// @ts-ignore: decorator
@inline
export function fourSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}

// @ts-ignore: decorator
@inline
export function sumOf(a: v128): f32 {
  const s = f32x4.add(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1))
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1)
}

/** The largest of four lanes, none of which is NaN. */
// @ts-ignore: decorator
@inline
export function largestOf(a: v128): f32 {
  return max(
    max(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  )
}

// @ts-ignore: decorator
@inline
export function addProduct(sum: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum)
  return f32x4.add(sum, f32x4.mul(a, b))
}

/** The floats at four addresses. */
// @ts-ignore: decorator
@inline
export function gather(a: usize, b: usize, c: usize, d: usize): v128 {
  const first = v128.load32_lane(b, v128.load32_zero(a), 1)
  return v128.load32_lane(d, v128.load32_lane(c, first, 2), 3)
}

/** n rounded up to a multiple of four, so that vectors of n floats can be read and written four at a time. */
// @ts-ignore: decorator
@inline
export function padded4(n: i32): i32 {
  return (n + 3) & ~3
}

/** Copies a row of `width` floats, padded with zeros to a multiple of four. */
// @ts-ignore: decorator
@inline
export function copyRow(to: usize, row: usize, width: i32): void {
  let d: usize = 0
  for (const whole = <usize>(width & ~3) << 2; d < whole; d += 16) v128.store(to + d, v128.load(row + d))
  if ((width & 3) != 0) v128.store(to + d, v128.and(v128.load(row + d), firstLanes(width & 3)))
}

/** Multiplies the floats of a row by a factor; `bytes`: of the row, which is padded to a multiple of 16. */
// @ts-ignore: decorator
@inline
export function scaleRow(row: usize, bytes: usize, factor: f32): void {
  const factors = f32x4.splat(factor)
  for (let d: usize = 0; d < bytes; d += 16) v128.store(row + d, f32x4.mul(v128.load(row + d), factors))
}

/**
 * Transposes four vectors of four floats: row k holds lane k of each. Writes the first `rows` rows (four at most),
 * `pitch` bytes apart.
 */
// @ts-ignore: decorator
@inline
export function storeTransposed(to: usize, pitch: i32, rows: i32, a: v128, b: v128, c: v128, e: v128): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const ce0 = v128.shuffle<f32>(c, e, 0, 4, 1, 5)
  const ce1 = v128.shuffle<f32>(c, e, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<f32>(ab0, ce0, 0, 1, 4, 5))
  if (rows > 1) v128.store(to + pitch, v128.shuffle<f32>(ab0, ce0, 2, 3, 6, 7))
  if (rows > 2) v128.store(to + 2 * pitch, v128.shuffle<f32>(ab1, ce1, 0, 1, 4, 5))
  if (rows > 3) v128.store(to + 3 * pitch, v128.shuffle<f32>(ab1, ce1, 2, 3, 6, 7))
}
