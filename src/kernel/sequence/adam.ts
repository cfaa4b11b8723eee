// Adam on all weights at once (every row moves in every update), and the running mean of the weights.

/**
 * w ← (1 - shrink)·w - pull·m/(√v + ε), with the moments m and v moved towards g and g²; then g is zero. n is a
 * multiple of four. pull = rate·√(1-β2^t)/(1-β1^t), epsilon = ε·√(1-β2^t).
 */
export function adamStep(
  w: usize, g: usize, m: usize, v: usize, n: i32, pull: f32, epsilon: f32, shrink: f32,
): void {
  const p = f32x4.splat(pull)
  const e = f32x4.splat(epsilon)
  const keep = f32x4.splat(1 - shrink)
  const zero = f32x4.splat(0)
  for (let d: usize = 0; d < <usize>n << 2; d += 16) {
    const gradient = v128.load(g + d)
    v128.store(g + d, zero)
    const first = f32x4.add(f32x4.mul(f32x4.splat(0.9), v128.load(m + d)), f32x4.mul(f32x4.splat(0.1), gradient))
    const square = f32x4.mul(f32x4.mul(f32x4.splat(0.001), gradient), gradient)
    const second = f32x4.add(f32x4.mul(f32x4.splat(0.999), v128.load(v + d)), square)
    v128.store(m + d, first)
    v128.store(v + d, second)
    const step = f32x4.div(f32x4.mul(p, first), f32x4.add(f32x4.sqrt(second), e))
    v128.store(w + d, f32x4.sub(f32x4.mul(keep, v128.load(w + d)), step))
  }
}

/** mean += share·(w - mean); n is a multiple of four. */
export function averageIn(mean: usize, w: usize, n: i32, share: f32): void {
  const s = f32x4.splat(share)
  for (let d: usize = 0; d < <usize>n << 2; d += 16) {
    const old = v128.load(mean + d)
    v128.store(mean + d, f32x4.add(old, f32x4.mul(s, f32x4.sub(v128.load(w + d), old))))
  }
}
