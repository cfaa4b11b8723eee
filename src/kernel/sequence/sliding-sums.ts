// Weighted sums of a history for all targets of a window in one pass: h moves on from one item to the next, so that the
// cost does not depend on the length of the history. The host computes the weights (src/learn/windows/sliding-sums.ts).
//
// For each item t of the window, oldest first, h = Σ weights·items before t and out_t = scale_t·(h + start_t·s); then
//   h ← decay_t·h + entry_t·c_t - Σ_j drop_j·c_j, with j from the oldest item in h up to inside_t

import { addScaled, combine } from './vectors'

/** plan: five arrays of `length` f32 (decay, entry, scale, start, drop), then one of i32 (inside). */
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
      combine(out + (((t - first) * rowOut) << 2), h, scale, startItem, load<f32>(at + 3 * bytes) * scale, width)
    }
    combine(h, h, load<f32>(at), items + ((t * rowItems) << 2), load<f32>(at + bytes), width)
    const inside = load<i32>(at + 5 * bytes)
    for (; oldest < inside; oldest++) {
      addScaled(h, items + ((oldest * rowItems) << 2), -load<f32>(plan + 4 * bytes + (oldest << 2)), width)
    }
  }
}

/** The backward pass: adds to dItems and dStart from dOut. r is dloss/dh. */
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
      combine(r, r, decay, r, 0, width)
      continue
    }
    const scale = load<f32>(at + 2 * bytes)
    const d = dOut + (((t - first) * rowOut) << 2)
    combine(r, r, decay, d, scale, width)
    const start = load<f32>(at + 3 * bytes)
    if (start != 0) addScaled(dStart, d, start * scale, width)
  }
}
