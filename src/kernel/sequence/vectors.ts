// Vectors of any length n: scaled, added and combined. Nothing after a vector is touched.

/** out = factor · a */
export function setScaled(out: usize, a: usize, factor: f32, n: i32): void {
  const whole = <usize>(n & ~3) << 2
  const k = f32x4.splat(factor)
  let d: usize = 0
  for (; d < whole; d += 16) v128.store(out + d, f32x4.mul(k, v128.load(a + d)))
  for (; d < <usize>n << 2; d += 4) store<f32>(out + d, factor * load<f32>(a + d))
}

/** out += factor · a */
export function addScaled(out: usize, a: usize, factor: f32, n: i32): void {
  const whole = <usize>(n & ~3) << 2
  const k = f32x4.splat(factor)
  let d: usize = 0
  for (; d < whole; d += 16) {
    v128.store(out + d, f32x4.add(v128.load(out + d), f32x4.mul(k, v128.load(a + d))))
  }
  for (; d < <usize>n << 2; d += 4) store<f32>(out + d, load<f32>(out + d) + factor * load<f32>(a + d))
}

/** out = s·a + t·b; out may be a or b. */
export function combine(out: usize, a: usize, s: f32, b: usize, t: f32, n: i32): void {
  const whole = <usize>(n & ~3) << 2
  const x = f32x4.splat(s)
  const y = f32x4.splat(t)
  let d: usize = 0
  for (; d < whole; d += 16) {
    v128.store(out + d, f32x4.add(f32x4.mul(x, v128.load(a + d)), f32x4.mul(y, v128.load(b + d))))
  }
  for (; d < <usize>n << 2; d += 4) store<f32>(out + d, s * load<f32>(a + d) + t * load<f32>(b + d))
}
