// The joint tower over [p ; V_a ; -V_b] for many pairs at once: pairs lie in lanes, units in rows, so that a weight is
// read once for eight pairs and nothing is summed across lanes but the weights' gradients.
//
// Symbols: z(u,a,b) the logit of «u prefers a to b», h the tower's features, wD their output weights,
// P pairs of a chunk, padded to whole eights; a plane is (units, P) floats.

import {
  Layer, dense, denseGradient, denseKind, itemsD, layerCount, outputBias, outputWeights, pairA, pairB, pairDz, pairInput,
  pairInputDelta, pairUser, pairZ, query, blockCount,
} from './memory'
import { layerOf } from './dense'
import { addProduct, fourSums, sumOf } from './lanes'
import { tanh } from './math'

/** Columns of the user's vector, of an item's row, and of the tower's input. */
// @ts-ignore: decorator
@inline
export function userWidth(): i32 {
  return blockCount * itemsD.width
}

// @ts-ignore: decorator
@inline
function padded(count: i32): i32 {
  return (count + 7) & ~7
}

/** The plane of the tower's features. */
function topPlane(): usize {
  return layerCount > 0 ? layerOf(layerCount - 1).plane : pairInput
}

function topUnits(): i32 {
  return layerCount > 0 ? layerOf(layerCount - 1).outputs : userWidth() + 2 * itemsD.width
}

/**
 * pairZ[n] = wD·h + bias for pairs n < count: the user's vector and DNCR's item rows stand at the addresses pairUser[n],
 * pairA[n] and pairB[n]. Pairs up to the next eight repeat the first.
 */
export function runPairs(count: i32): void {
  const total = padded(count)
  for (let n = count; n < total; n++) {
    store<usize>(pairUser + (n << 2), load<usize>(pairUser))
    store<usize>(pairA + (n << 2), load<usize>(pairA))
    store<usize>(pairB + (n << 2), load<usize>(pairB))
  }
  const users = userWidth()
  const width = itemsD.width
  const rowBytes = total << 2
  for (let n = 0; n < total; n += 4) {
    const to = pairInput + (n << 2)
    const at = n << 2
    transpose(to, rowBytes, users, load<usize>(pairUser + at), load<usize>(pairUser + at, 4),
      load<usize>(pairUser + at, 8), load<usize>(pairUser + at, 12), 1)
    transpose(to + users * rowBytes, rowBytes, width, load<usize>(pairA + at), load<usize>(pairA + at, 4),
      load<usize>(pairA + at, 8), load<usize>(pairA + at, 12), 1)
    transpose(to + (users + width) * rowBytes, rowBytes, width, load<usize>(pairB + at), load<usize>(pairB + at, 4),
      load<usize>(pairB + at, 8), load<usize>(pairB + at, 12), -1)
  }
  let from = pairInput
  for (let l = 0; l < layerCount; l++) {
    const layer = layerOf(l)
    multiply(layer.plane, layer.weights, layer.inputs << 2, 4, layer.biases, layer.outputs, layer.inputs, from, total)
    tanhAll(layer.plane, layer.outputs * total)
    from = layer.plane
  }
  const units = topUnits()
  const wD = outputWeights + (query << 3)
  const bias = v128.load32_splat(outputBias)
  for (let n = 0; n < rowBytes; n += 16) {
    let z = bias
    for (let d = 0; d < units; d++) {
      z = addProduct(z, v128.load32_splat(wD + (d << 2)), v128.load(from + d * rowBytes + n))
    }
    v128.store(pairZ + n, z)
  }
}

/** Four vectors become four lanes of `width` rows. Reads whole lanes of the vectors, writes only their own rows. */
function transpose(
  to: usize, rowBytes: i32, width: i32, a: usize, b: usize, c: usize, e: usize, sign: f32,
): void {
  const s = f32x4.splat(sign)
  for (let d = 0; d < width; d += 4) {
    const at = d << 2
    const ra = f32x4.mul(s, v128.load(a + at))
    const rb = f32x4.mul(s, v128.load(b + at))
    const rc = f32x4.mul(s, v128.load(c + at))
    const re = f32x4.mul(s, v128.load(e + at))
    const ab0 = v128.shuffle<f32>(ra, rb, 0, 4, 1, 5)
    const ab1 = v128.shuffle<f32>(ra, rb, 2, 6, 3, 7)
    const ce0 = v128.shuffle<f32>(rc, re, 0, 4, 1, 5)
    const ce1 = v128.shuffle<f32>(rc, re, 2, 6, 3, 7)
    const row = to + d * rowBytes
    const left = width - d
    v128.store(row, v128.shuffle<f32>(ab0, ce0, 0, 1, 4, 5))
    if (left > 1) v128.store(row + rowBytes, v128.shuffle<f32>(ab0, ce0, 2, 3, 6, 7))
    if (left > 2) v128.store(row + 2 * rowBytes, v128.shuffle<f32>(ab1, ce1, 0, 1, 4, 5))
    if (left > 3) v128.store(row + 3 * rowBytes, v128.shuffle<f32>(ab1, ce1, 2, 3, 6, 7))
  }
}

/**
 * out (m, P) = M·in (n, P) + b, M[o][d] at weights + o·outer + d·inner bytes: W forward, its transpose on the way back.
 * Tiles of four outputs and eight pairs: eight sums in registers, six loads for 32 products. Without biases b is zero.
 */
function multiply(
  out: usize, weights: usize, outer: i32, inner: i32, biases: usize, m: i32, n: i32, from: usize, total: i32,
): void {
  const rowBytes = total << 2
  for (let o = 0; o < m; o += 4) {
    const left = m - o
    const w0 = weights + o * outer
    const w1 = left > 1 ? w0 + outer : w0
    const w2 = left > 2 ? w1 + outer : w0
    const w3 = left > 3 ? w2 + outer : w0
    const zero = f32x4.splat(0)
    const b0 = biases == 0 ? zero : v128.load32_splat(biases + (o << 2))
    const b1 = biases == 0 || left < 2 ? zero : v128.load32_splat(biases + (o << 2), 4)
    const b2 = biases == 0 || left < 3 ? zero : v128.load32_splat(biases + (o << 2), 8)
    const b3 = biases == 0 || left < 4 ? zero : v128.load32_splat(biases + (o << 2), 12)
    for (let p = 0; p < rowBytes; p += 32) {
      let s0 = b0
      let s1 = b1
      let s2 = b2
      let s3 = b3
      let t0 = b0
      let t1 = b1
      let t2 = b2
      let t3 = b3
      let at = from + p
      for (let d = 0, end = n * inner; d < end; d += inner) {
        const lower = v128.load(at)
        const upper = v128.load(at, 16)
        const k0 = v128.load32_splat(w0 + d)
        const k1 = v128.load32_splat(w1 + d)
        const k2 = v128.load32_splat(w2 + d)
        const k3 = v128.load32_splat(w3 + d)
        s0 = addProduct(s0, k0, lower)
        t0 = addProduct(t0, k0, upper)
        s1 = addProduct(s1, k1, lower)
        t1 = addProduct(t1, k1, upper)
        s2 = addProduct(s2, k2, lower)
        t2 = addProduct(t2, k2, upper)
        s3 = addProduct(s3, k3, lower)
        t3 = addProduct(t3, k3, upper)
        at += rowBytes
      }
      const to = out + o * rowBytes + p
      v128.store(to, s0)
      v128.store(to, t0, 16)
      if (left > 1) {
        v128.store(to + rowBytes, s1)
        v128.store(to + rowBytes, t1, 16)
      }
      if (left > 2) {
        v128.store(to + 2 * rowBytes, s2)
        v128.store(to + 2 * rowBytes, t2, 16)
      }
      if (left > 3) {
        v128.store(to + 3 * rowBytes, s3)
        v128.store(to + 3 * rowBytes, t3, 16)
      }
    }
  }
}

function tanhAll(plane: usize, count: i32): void {
  for (let o: usize = 0; o < <usize>count << 2; o += 16) v128.store(plane + o, tanh(v128.load(plane + o)))
}

/**
 * From pairDz[n] (zero for pairs that do not learn) back through what runPairs left behind: sums the dense gradients, and
 * leaves dloss by the tower's input in the plane pairInputDelta.
 */
export function backPairs(count: i32): void {
  const total = padded(count)
  const rowBytes = total << 2
  for (let n = count; n < total; n++) store<f32>(pairDz + (n << 2), 0)
  const wD = outputWeights + (query << 3)
  const top = topPlane()
  const topDelta = layerCount > 0 ? layerOf(layerCount - 1).planeDelta : pairInputDelta
  const units = topUnits()
  for (let d = 0; d < units; d++) {
    const w = v128.load32_splat(wD + (d << 2))
    let sum = f32x4.splat(0)
    for (let n = 0; n < rowBytes; n += 16) {
      const dz = v128.load(pairDz + n)
      v128.store(topDelta + d * rowBytes + n, f32x4.mul(w, dz))
      sum = addProduct(sum, dz, v128.load(top + d * rowBytes + n))
    }
    if (denseKind >= 0) addTo(wD + (d << 2), sumOf(sum))
  }
  if (denseKind >= 0) {
    let sum = f32x4.splat(0)
    for (let n = 0; n < rowBytes; n += 16) sum = f32x4.add(sum, v128.load(pairDz + n))
    addTo(outputBias, sumOf(sum))
  }
  for (let l = layerCount - 1; l >= 0; l--) {
    const layer = layerOf(l)
    slopes(layer, total)
    const from = l == 0 ? pairInput : layerOf(l - 1).plane
    if (denseKind >= 0) sumWeights(layer, from, total)
    const below = l == 0 ? pairInputDelta : layerOf(l - 1).planeDelta
    multiply(below, layer.weights, 4, layer.inputs << 2, 0, layer.inputs, layer.outputs, layer.planeDelta, total)
  }
}

// @ts-ignore: decorator
@inline
function addTo(weight: usize, gradient: f32): void {
  const at = denseGradient + (weight - dense)
  store<f32>(at, load<f32>(at) + gradient)
}

/** δ *= 1 - h² */
function slopes(layer: Layer, total: i32): void {
  const one = f32x4.splat(1)
  const bytes = <usize>(layer.outputs * total) << 2
  for (let o: usize = 0; o < bytes; o += 16) {
    const h = v128.load(layer.plane + o)
    const delta = v128.load(layer.planeDelta + o)
    v128.store(layer.planeDelta + o, f32x4.mul(delta, f32x4.sub(one, f32x4.mul(h, h))))
  }
}

/** dW[o][d] += Σ_pairs δ_o·in_d and db[o] += Σ_pairs δ_o: by output and four inputs, sums across lanes at the end. */
function sumWeights(layer: Layer, from: usize, total: i32): void {
  const rowBytes = total << 2
  const inputs = layer.inputs
  const outputs = layer.outputs
  for (let o = 0; o < outputs; o += 2) {
    const delta = layer.planeDelta + o * rowBytes
    const next = o + 1 < outputs ? delta + rowBytes : delta
    const row = denseGradient + (layer.weights + ((o * inputs) << 2) - dense)
    const nextRow = row + (inputs << 2)
    for (let d = 0; d < inputs; d += 4) {
      const left = inputs - d
      const i0 = from + d * rowBytes
      const i1 = left > 1 ? i0 + rowBytes : i0
      const i2 = left > 2 ? i1 + rowBytes : i0
      const i3 = left > 3 ? i2 + rowBytes : i0
      let s0 = f32x4.splat(0)
      let s1 = s0
      let s2 = s0
      let s3 = s0
      let t0 = s0
      let t1 = s0
      let t2 = s0
      let t3 = s0
      for (let n = 0; n < rowBytes; n += 16) {
        const a = v128.load(delta + n)
        const b = v128.load(next + n)
        const v0 = v128.load(i0 + n)
        const v1 = v128.load(i1 + n)
        const v2 = v128.load(i2 + n)
        const v3 = v128.load(i3 + n)
        s0 = addProduct(s0, a, v0)
        t0 = addProduct(t0, b, v0)
        s1 = addProduct(s1, a, v1)
        t1 = addProduct(t1, b, v1)
        s2 = addProduct(s2, a, v2)
        t2 = addProduct(t2, b, v2)
        s3 = addProduct(s3, a, v3)
        t3 = addProduct(t3, b, v3)
      }
      addFour(row + (d << 2), fourSums(s0, s1, s2, s3), left)
      if (o + 1 < outputs) addFour(nextRow + (d << 2), fourSums(t0, t1, t2, t3), left)
    }
    addBias(layer.biases + (o << 2), delta, rowBytes)
    if (o + 1 < outputs) addBias(layer.biases + (o << 2) + 4, next, rowBytes)
  }
}

function addBias(bias: usize, delta: usize, rowBytes: i32): void {
  let sum = f32x4.splat(0)
  for (let n = 0; n < rowBytes; n += 16) sum = f32x4.add(sum, v128.load(delta + n))
  addTo(bias, sumOf(sum))
}

function addFour(to: usize, sums: v128, left: i32): void {
  if (left > 3) {
    v128.store(to, f32x4.add(v128.load(to), sums))
    return
  }
  store<f32>(to, load<f32>(to) + f32x4.extract_lane(sums, 0))
  if (left > 1) store<f32>(to, load<f32>(to, 4) + f32x4.extract_lane(sums, 1), 4)
  if (left > 2) store<f32>(to, load<f32>(to, 8) + f32x4.extract_lane(sums, 2), 8)
}

/** Columns from … from+width-1 of dloss by the input of pair n, out of the plane into a vector of whole lanes. */
export function takeDelta(out: usize, count: i32, n: i32, from: i32, width: i32, sign: f32): void {
  const rowBytes = padded(count) << 2
  let at = pairInputDelta + from * rowBytes + (n << 2)
  for (let d = 0; d < width; d++) {
    store<f32>(out + (d << 2), sign * load<f32>(at))
    at += rowBytes
  }
}
