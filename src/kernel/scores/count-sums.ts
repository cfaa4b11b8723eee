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

/**
 * What addCounts() does for each of `rows` rows in turn, which lie `rowPitch` bytes apart from `counts` on: each place is
 * read and written once. `factors`: r and w of each row, f64. All rows are padded to a multiple of four places.
 */
export function addRows(
  counts: usize, rowPitch: usize, rows: i32, count: i32, factors: usize, sums: usize, pitch: usize,
): void {
  const largest = sums + pitch
  const second = largest + pitch
  const end = <usize>count << 3
  const last = factors + (<usize>rows << 4)
  for (let at: usize = 0; at < end; at += 32) {
    let sumA = v128.load(sums + at)
    let sumB = v128.load(sums + at, 16)
    let mostA = v128.load(largest + at)
    let mostB = v128.load(largest + at, 16)
    let nextA = v128.load(second + at)
    let nextB = v128.load(second + at, 16)
    let row = counts + (at >> 1)
    for (let by = factors; by < last; by += 16) {
      const four = v128.load(row)
      const r = v128.load64_splat(by)
      const w = v128.load64_splat(by, 8)
      const a = f64x2.mul(r, f64x2.convert_low_i32x4_s(four))
      const b = f64x2.mul(r, f64x2.convert_low_i32x4_s(v128.shuffle<i32>(four, four, 2, 3, 0, 1)))
      sumA = f64x2.add(sumA, f64x2.mul(w, a))
      sumB = f64x2.add(sumB, f64x2.mul(w, b))
      nextA = f64x2.pmax(nextA, f64x2.pmin(a, mostA))
      nextB = f64x2.pmax(nextB, f64x2.pmin(b, mostB))
      mostA = f64x2.pmax(mostA, a)
      mostB = f64x2.pmax(mostB, b)
      row += rowPitch
    }
    v128.store(sums + at, sumA)
    v128.store(sums + at, sumB, 16)
    v128.store(largest + at, mostA)
    v128.store(largest + at, mostB, 16)
    v128.store(second + at, nextA)
    v128.store(second + at, nextB, 16)
  }
}

/**
 * onto[x] += c · sums[x] + ofLargest · bend(c · largest[x]) + ofSecond · bend(c · second[x]) for x < count, with c =
 * scales[x] and bend(v) = bent v / (1 + bent v). onto and scales are f32; the rest as above, and padded alike.
 */
export function addBent(
  count: i32, sums: usize, pitch: usize, scales: usize, ofLargest: f64, ofSecond: f64, bent: f64, onto: usize,
): void {
  const largest = sums + pitch
  const second = largest + pitch
  const end = <usize>count << 3
  const wLargest = f64x2.splat(ofLargest)
  const wSecond = f64x2.splat(ofSecond)
  for (let at: usize = 0; at < end; at += 16) {
    const c = f64x2.promote_low_f32x4(v128.load64_zero(scales + (at >> 1)))
    const most = f64x2.mul(wLargest, bend(f64x2.mul(c, v128.load(largest + at)), bent))
    const next = f64x2.mul(wSecond, bend(f64x2.mul(c, v128.load(second + at)), bent))
    const a = f64x2.add(f64x2.add(f64x2.mul(c, v128.load(sums + at)), most), next)
    const to = onto + (at >> 1)
    const before = f64x2.promote_low_f32x4(v128.load64_zero(to))
    v128.store64_lane(to, f32x4.demote_f64x2_zero(f64x2.add(before, a)), 0)
  }
}

// @ts-ignore: decorator
@inline
function bend(v: v128, bent: f64): v128 {
  const more = f64x2.mul(f64x2.splat(bent), v)
  return f64x2.div(more, f64x2.add(f64x2.splat(1), more))
}

/** Sets `bytes` bytes from `at` on to 0. */
export function clearBytes(at: usize, bytes: usize): void {
  memory.fill(at, 0, bytes)
}
