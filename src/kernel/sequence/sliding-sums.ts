// Weighted sums of a history for all targets of a window in oneRow pass: h moves on from oneRow item to the next, so its cost
// does not depend on how long the history is. The weights are the host's (src/learn/windows/sliding-sums.ts).
//
// For each item t of the window, oldest first, h = Σ weights·items before t, out_t = scale_t·(h + start_t·s), then
//   h ← decay_t·h + entry_t·c_t - Σ_j drop_j·c_j, j from the oldest inside up to inside_t

/** plan: five arrays of `length` f32 (decay, entry, scale, start, drop), then oneRow of i32 (inside). */
export function slidingSums(
  plan: usize, length: i32, first: i32, items: usize, startItem: usize, rowItems: i32, width: i32,
  out: usize, rowOut: i32, h: usize,
): void {
  const bytes = <usize>length << 2
  memory.fill(h, 0, width << 2)
  let oldest = 0
  for (let t = 0; t < length; t++) {
    const at = plan + (t << 2)
    if (t >= first) {
      const scale = load<f32>(at + 2 * bytes)
      setScaled(out + (((t - first) * rowOut) << 2), h, startItem, scale, load<f32>(at + 3 * bytes) * scale, width)
    }
    combine(h, load<f32>(at), items + ((t * rowItems) << 2), load<f32>(at + bytes), width)
    const inside = load<i32>(at + 5 * bytes)
    for (; oldest < inside; oldest++) {
      addScaled(h, items + ((oldest * rowItems) << 2), -load<f32>(plan + 4 * bytes + (oldest << 2)), width)
    }
  }
}

/** The same backwards: adds to dItems and dStart from dOut. r is dloss/dh. */
export function slidingSumsBackward(
  plan: usize, length: i32, first: i32, dItems: usize, dStart: usize, rowItems: i32, width: i32,
  dOut: usize, rowOut: i32, r: usize,
): void {
  const bytes = <usize>length << 2
  memory.fill(r, 0, width << 2)
  for (let t = length - 1; t >= 0; t--) {
    const at = plan + (t << 2)
    const inside = load<i32>(at + 5 * bytes)
    for (let j = t == 0 ? 0 : load<i32>(at + 5 * bytes - 4); j < inside; j++) {
      addScaled(dItems + ((j * rowItems) << 2), r, -load<f32>(plan + 4 * bytes + (j << 2)), width)
    }
    addScaled(dItems + ((t * rowItems) << 2), r, load<f32>(at + bytes), width)
    const decay = load<f32>(at)
    if (t < first) {
      combine(r, decay, r, 0, width)
      continue
    }
    const scale = load<f32>(at + 2 * bytes)
    const d = dOut + (((t - first) * rowOut) << 2)
    combine(r, decay, d, scale, width)
    const start = load<f32>(at + 3 * bytes)
    if (start != 0) addScaled(dStart, d, start * scale, width)
  }
}

/** h = a·h + b·c */
function combine(h: usize, a: f32, c: usize, b: f32, n: i32): void {
  const whole = <usize>(n & ~3) << 2
  const x = f32x4.splat(a)
  const y = f32x4.splat(b)
  let d: usize = 0
  for (; d < whole; d += 16) {
    v128.store(h + d, f32x4.add(f32x4.mul(x, v128.load(h + d)), f32x4.mul(y, v128.load(c + d))))
  }
  for (; d < <usize>n << 2; d += 4) store<f32>(h + d, a * load<f32>(h + d) + b * load<f32>(c + d))
}

/** h += b·c */
function addScaled(h: usize, c: usize, b: f32, n: i32): void {
  const whole = <usize>(n & ~3) << 2
  const y = f32x4.splat(b)
  let d: usize = 0
  for (; d < whole; d += 16) v128.store(h + d, f32x4.add(v128.load(h + d), f32x4.mul(y, v128.load(c + d))))
  for (; d < <usize>n << 2; d += 4) store<f32>(h + d, load<f32>(h + d) + b * load<f32>(c + d))
}

/** out = a·h + b·c */
function setScaled(out: usize, h: usize, c: usize, a: f32, b: f32, n: i32): void {
  const whole = <usize>(n & ~3) << 2
  const x = f32x4.splat(a)
  const y = f32x4.splat(b)
  let d: usize = 0
  for (; d < whole; d += 16) {
    v128.store(out + d, f32x4.add(f32x4.mul(x, v128.load(h + d)), f32x4.mul(y, v128.load(c + d))))
  }
  for (; d < <usize>n << 2; d += 4) store<f32>(out + d, a * load<f32>(h + d) + b * load<f32>(c + d))
}
