// Four floats at a time. Rows need not be whole lanes: what is read of the next row is masked, and nothing of it is
// written, for it may be another thread's (threadCount.ts).

/** Lanes 0 … n-1 set, n in 1 … 3. */
// @ts-ignore: decorator
@inline
export function firstLanes(n: i32): v128 {
  return i32x4.gt_s(i32x4.splat(n), i32x4(0, 1, 2, 3))
}

/** Stores lanes 0 … n-1, n in 1 … 3, and touches nothing behind them. */
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

// @ts-ignore: decorator
@inline
export function addProduct(sum: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum)
  return f32x4.add(sum, f32x4.mul(a, b))
}

/** Floats by four addresses. */
// @ts-ignore: decorator
@inline
export function gather(a: usize, b: usize, c: usize, d: usize): v128 {
  const first = v128.load32_lane(b, v128.load32_zero(a), 1)
  return v128.load32_lane(d, v128.load32_lane(c, first, 2), 3)
}
