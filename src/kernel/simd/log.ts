// The natural logarithm for four lanes. Plain arithmetic in a fixed order, so every machine gives the same bytes.

/** The coefficients of the polynomial over f = m - 1, the highest first, four times each. */
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

/** ln y for four lanes of 1 … 2^100, within 2 units in the last place of the larger of the result and 1. */
// @ts-ignore: decorator
@inline
export function log(y: v128): v128 {
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
