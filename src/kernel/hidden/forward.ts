// What the hidden layer adds to the scores: four units and eight items at a time, so that a feature of eight items is
// read once for four units.
//
// Symbols: F features, C numbers of context, H units, a multiple of four; row h of the weights, `stride` bytes long, is
// W_h, the numbers of context among them last, then b_h and o_h.

/** biases[h] = b_h + Σ_c W_h,F+c context_c, the same for all items. */
export function addContext(
  weights: usize, stride: usize, units: i32, features: i32, contexts: i32, context: usize, biases: usize,
): void {
  for (let h = 0; h < units; h++) {
    const row = weights + <usize>h * stride + (<usize>features << 2)
    let sum = load<f32>(row + (<usize>contexts << 2))
    for (let c = 0; c < contexts; c++) sum += load<f32>(row + (c << 2)) * load<f32>(context + (c << 2))
    store<f32>(biases + (h << 2), sum)
  }
}

/** y[h] = max(0, biases[h] + Σ_f W_hf z[f]) and out = Σ_h o_h y[h]; rows of z and y are `pitch` bytes, of items. */
export function forward(
  z: usize, pitch: usize, features: i32, weights: usize, stride: usize, units: i32, biases: usize, y: usize,
  out: usize,
): void {
  const zero = f32x4.splat(0)
  const last = stride - 4
  const end = <usize>features << 2
  for (let x: usize = 0; x < pitch; x += 32) {
    let sumA = zero
    let sumB = zero
    let hidden = y + x
    for (let h = 0; h < units; h += 4) {
      const w0 = weights + <usize>h * stride
      const w1 = w0 + stride
      const w2 = w1 + stride
      const w3 = w2 + stride
      let a0 = v128.load32_splat(biases + (h << 2))
      let a1 = v128.load32_splat(biases + (h << 2), 4)
      let a2 = v128.load32_splat(biases + (h << 2), 8)
      let a3 = v128.load32_splat(biases + (h << 2), 12)
      let b0 = a0
      let b1 = a1
      let b2 = a2
      let b3 = a3
      let from = z + x
      for (let f: usize = 0; f < end; f += 4) {
        const za = v128.load(from)
        const zb = v128.load(from, 16)
        const v0 = v128.load32_splat(w0 + f)
        const v1 = v128.load32_splat(w1 + f)
        const v2 = v128.load32_splat(w2 + f)
        const v3 = v128.load32_splat(w3 + f)
        a0 = f32x4.add(a0, f32x4.mul(v0, za))
        b0 = f32x4.add(b0, f32x4.mul(v0, zb))
        a1 = f32x4.add(a1, f32x4.mul(v1, za))
        b1 = f32x4.add(b1, f32x4.mul(v1, zb))
        a2 = f32x4.add(a2, f32x4.mul(v2, za))
        b2 = f32x4.add(b2, f32x4.mul(v2, zb))
        a3 = f32x4.add(a3, f32x4.mul(v3, za))
        b3 = f32x4.add(b3, f32x4.mul(v3, zb))
        from += pitch
      }
      const o0 = v128.load32_splat(w0 + last)
      const o1 = v128.load32_splat(w1 + last)
      const o2 = v128.load32_splat(w2 + last)
      const o3 = v128.load32_splat(w3 + last)
      a0 = f32x4.pmax(a0, zero)
      b0 = f32x4.pmax(b0, zero)
      a1 = f32x4.pmax(a1, zero)
      b1 = f32x4.pmax(b1, zero)
      a2 = f32x4.pmax(a2, zero)
      b2 = f32x4.pmax(b2, zero)
      a3 = f32x4.pmax(a3, zero)
      b3 = f32x4.pmax(b3, zero)
      v128.store(hidden, a0)
      v128.store(hidden, b0, 16)
      v128.store(hidden + pitch, a1)
      v128.store(hidden + pitch, b1, 16)
      v128.store(hidden + 2 * pitch, a2)
      v128.store(hidden + 2 * pitch, b2, 16)
      v128.store(hidden + 3 * pitch, a3)
      v128.store(hidden + 3 * pitch, b3, 16)
      sumA = f32x4.add(sumA, f32x4.add(f32x4.add(f32x4.mul(o0, a0), f32x4.mul(o1, a1)),
        f32x4.add(f32x4.mul(o2, a2), f32x4.mul(o3, a3))))
      sumB = f32x4.add(sumB, f32x4.add(f32x4.add(f32x4.mul(o0, b0), f32x4.mul(o1, b1)),
        f32x4.add(f32x4.mul(o2, b2), f32x4.mul(o3, b3))))
      hidden += 4 * pitch
    }
    v128.store(out + x, sumA)
    v128.store(out + x, sumB, 16)
  }
}
