// Weighed sums of rows of counts, and the two largest of what was added at each place: what items have of a history.

/**
 * With v = r · counts[x], none of them negative, for x < count: sums[x] += w · v, largest[x] and second[x] become the
 * two largest of themselves and v. counts is i32; the other three are f64 and follow each other, `pitch` bytes apart.
 * All are padded to a multiple of two. To the last bit as plain loops over doubles: nothing is fused.
 */
export function addCounts(counts: usize, count: i32, r: f64, w: f64, sums: usize, pitch: usize): void {
  const rs = f64x2.splat(r)
  const ws = f64x2.splat(w)
  const largest = sums + pitch
  const second = largest + pitch
  const end = <usize>count << 3
  for (let at: usize = 0; at < end; at += 16) {
    const v = f64x2.mul(rs, f64x2.convert_low_i32x4_s(v128.load64_zero(counts + (at >> 1))))
    const most = v128.load(largest + at)
    const next = v128.load(second + at)
    v128.store(sums + at, f64x2.add(v128.load(sums + at), f64x2.mul(ws, v)))
    v128.store(second + at, f64x2.pmax(next, f64x2.pmin(v, most)))
    v128.store(largest + at, f64x2.pmax(most, v))
  }
}

/** Sets `bytes` bytes from `at` on to 0. */
export function clearBytes(at: usize, bytes: usize): void {
  memory.fill(at, 0, bytes)
}
