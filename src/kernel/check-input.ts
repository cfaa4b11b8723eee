// Checks of what a call brings, four numbers at a time. The host names what is wrong when one of them fails.

/** Whether all `count` ids are in low … end-1. */
export function idsWithin(ids: usize, count: i32, low: i32, end: i32): bool {
  let bad = i32x4.splat(0)
  const span = i32x4.splat(end - low)
  const start = i32x4.splat(low)
  let n = 0
  for (; n + 4 <= count; n += 4) {
    bad = v128.or(bad, i32x4.ge_u(i32x4.sub(v128.load(ids + (n << 2)), start), span))
  }
  if (v128.any_true(bad)) return false
  for (; n < count; n++) {
    if (<u32>(load<i32>(ids + (n << 2)) - low) >= <u32>(end - low)) return false
  }
  return true
}

/** Whether none of `count` ages is negative or NaN. */
export function agesAreValid(ages: usize, count: i32): bool {
  const zero = f32x4.splat(0)
  let good = i32x4.splat(-1)
  let n = 0
  for (; n + 4 <= count; n += 4) good = v128.and(good, f32x4.ge(v128.load(ages + (n << 2)), zero))
  if (!i32x4.all_true(good)) return false
  for (; n < count; n++) if (!(load<f32>(ages + (n << 2)) >= 0)) return false
  return true
}
