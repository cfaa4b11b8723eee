// Weighed sums of rows of counts, and the two largest of what was added at each place: what items have of a history.

/**
 * Adds `rows` rows of counts, which lie `rowPitch` bytes apart. With v = r · counts[x], none of them negative, for x <
 * count: sums[x] += w · v, largest[x] and second[x] become the two largest of themselves and v. A row is i32; the other
 * three are f64 and follow each other, `pitch` bytes apart; `factors`: r and w of each row, f64. All are padded to a
 * multiple of four places. To the last bit as plain loops over doubles: nothing is fused.
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

/**
 * What items have of a history of `lags` items. With v = factors[l] · counts[l][x] and the bins of lags that end before
 * ends[b], found[b][x] = scales[x] · Σ v over the lags of bin b, but in the last bin the sum of all these; behind them
 * come the largest scales[x] · v and the next, as bend() has them. counts is (lags, n) of i32, ends is i32, all others are
 * f64; rows of `found` are `pitch` bytes apart, and are padded, as scales is, to a multiple of two.
 */
export function lagSums(
  counts: usize, n: i32, lags: i32, factors: usize, ends: usize, bins: i32, scales: usize, bent: f64, found: usize,
  pitch: usize,
): void {
  const row = <usize>n << 2
  for (let x: usize = 0; x < row; x += 8) {
    const scale = v128.load(scales + 2 * x)
    let from = counts + x
    let out = found + 2 * x
    let all = f64x2.splat(0)
    let largest = all
    let second = all
    let l = 0
    for (let b = 0; b < bins; b++) {
      let sum = f64x2.splat(0)
      for (const end = min(lags, load<i32>(ends + (b << 2))); l < end; l++) {
        const two = f64x2.convert_low_i32x4_s(v128.load64_zero(from))
        const v = f64x2.mul(v128.load64_splat(factors + (l << 3)), two)
        sum = f64x2.add(sum, v)
        second = f64x2.pmax(second, f64x2.pmin(v, largest))
        largest = f64x2.pmax(largest, v)
        from += row
      }
      sum = f64x2.mul(sum, scale)
      all = f64x2.add(all, sum)
      v128.store(out, b == bins - 1 ? all : sum)
      out += pitch
    }
    v128.store(out, bend(f64x2.mul(scale, largest), bent))
    v128.store(out + pitch, bend(f64x2.mul(scale, second), bent))
  }
}

/** out[b·n + order[x]] = found[b][x] as floats, for `rows` rows that are `pitch` bytes apart. */
export function placeRows(found: usize, pitch: usize, rows: i32, n: i32, order: usize, out: usize): void {
  for (let b = 0; b < rows; b++) {
    for (let x = 0; x < n; x++) {
      store<f32>(out + (load<i32>(order + (x << 2)) << 2), <f32>load<f64>(found + (x << 3)))
    }
    found += pitch
    out += <usize>n << 2
  }
}
