// Comparisons of one user in lanes: the plane of the first layer from the projections of the items, and the upper
// layers over it. Symbols as in pairwise-ranker.ts.

import { input, layerCount, outputBias, outputWeights, query } from '../globals'
import { layerOf } from '../dense/layers'
import { dotRow, fourProducts } from '../rows/dot-products'
import { addProduct, padded4, storeTransposed } from '../simd/lanes'
import { tanh } from '../simd/tanh'
import { readQuery } from '../user/query'
import { firstInputs, firstUnits, firstWeights, projectionOf, runLayer } from './item-projections'
import { userWidth } from './tower'

/** Comparisons of a chunk: its planes fit the first-level cache. */
export const LANES = 32

/**
 * Addresses of: c; c - B_r; c + A_r; by lane the projections, the logits and what NBPR adds; a plane for each layer.
 */
export let userPart: usize = 0
export let firstPart: usize = 0
export let secondPart: usize = 0
export let laneProjections: usize = 0
export let logits: usize = 0
export let bases: usize = 0
export let planes: usize = 0

/** Rows of all planes, each padded to a multiple of four. */
function planeRows(): i32 {
  let rows = padded4(firstUnits())
  for (let l = 1; l < layerCount; l++) rows += padded4(layerOf(l).outputs)
  return rows
}

export function rankerScratch(): i32 {
  return (3 * padded4(firstUnits()) + 3 * LANES + planeRows() * LANES) << 2
}

/** Takes user 0 of the call. The projections must have been made. */
export function bindUser(scratch: usize): void {
  const units = padded4(firstUnits())
  userPart = scratch
  firstPart = userPart + (units << 2)
  secondPart = firstPart + (units << 2)
  laneProjections = secondPart + (units << 2)
  logits = laneProjections + (LANES << 2)
  bases = logits + (LANES << 2)
  planes = bases + (LANES << 2)
  readQuery(0, false)
  const weights = firstWeights()
  const stride = firstInputs() << 2
  const real = firstUnits()
  for (let o = 0; o < units; o++) {
    let c: f32 = 0
    if (o < real) {
      c = dotRow(input, weights + o * stride, userWidth())
      if (layerCount > 0) c += load<f32>(layerOf(0).biases + (o << 2))
    }
    store<f32>(userPart + (o << 2), c)
  }
}

export function setParts(opponent: usize): void {
  const units = padded4(firstUnits())
  for (let d: usize = 0; d < <usize>units << 2; d += 16) {
    const c = v128.load(userPart + d)
    v128.store(firstPart + d, f32x4.sub(c, v128.load(opponent + (units << 2) + d)))
    v128.store(secondPart + d, f32x4.add(c, v128.load(opponent + d)))
  }
}

/** Puts the projections of `some` items into the lanes; the last one fills the lanes up to `width`. */
export function loadProjections(items: usize, some: i32, width: i32): void {
  for (let k = 0; k < width; k++) {
    store<usize>(laneProjections + (k << 2), projectionOf(load<i32>(items + (min(k, some - 1) << 2))))
  }
}

/** Lanes from … from+width-1 of the first plane: part ± the share that is `offset` bytes into each projection. */
export function fillFirstPlane(width: i32, lanes: i32, from: i32, offset: usize, part: usize, subtract: bool): void {
  const units = padded4(firstUnits())
  const rowBytes = lanes << 2
  for (let n = 0; n < width; n += 4) {
    const at = laneProjections + (n << 2)
    const a = load<usize>(at) + offset
    const b = load<usize>(at, 4) + offset
    const c = load<usize>(at, 8) + offset
    const e = load<usize>(at, 12) + offset
    let to = planes + ((from + n) << 2)
    for (let d: usize = 0; d < <usize>units << 2; d += 16) {
      const q = v128.load(part + d)
      storeTransposed(
        to, rowBytes, 4, activated(q, v128.load(a + d), subtract), activated(q, v128.load(b + d), subtract),
        activated(q, v128.load(c + d), subtract), activated(q, v128.load(e + d), subtract),
      )
      to += rowBytes << 2
    }
  }
}

// @ts-ignore: decorator
@inline
export function activated(part: v128, share: v128, subtract: bool): v128 {
  const sum = subtract ? f32x4.sub(part, share) : f32x4.add(part, share)
  return layerCount > 0 ? tanh(sum) : sum
}

/** logits = the output layer over the planes of the other layers, which follow one another in memory. */
export function runUpperLayers(lanes: i32): void {
  const rowBytes = lanes << 2
  let from = planes
  let units = firstUnits()
  for (let l = 1; l < layerCount; l++) {
    const layer = layerOf(l)
    const to = from + ((padded4(units) * lanes) << 2)
    units = layer.outputs
    runLayer(to, layer.weights, layer.inputs << 2, layer.biases, units, layer.inputs, from, lanes, true)
    from = to
  }
  const bias = v128.load32_splat(outputBias)
  if (layerCount == 0) {
    for (let n = 0; n < rowBytes; n += 16) v128.store(logits + n, f32x4.add(bias, v128.load(from + n)))
    return
  }
  const weights = outputWeights + (query << 3)
  for (let n = 0; n < rowBytes; n += 16) {
    let z = bias
    for (let d = 0; d < units; d++) {
      z = addProduct(z, v128.load32_splat(weights + (d << 2)), v128.load(from + d * rowBytes + n))
    }
    v128.store(logits + n, z)
  }
}

/** bases[n] (+)= vector · what is `offset` bytes into the projection of lane n. `columns` is a multiple of four. */
export function dotProjections(vector: usize, columns: i32, offset: usize, width: i32, add: bool): void {
  const tiles = vector + ((columns & ~15) << 2)
  const whole = vector + (columns << 2)
  for (let n = 0; n < width; n += 4) {
    const at = laneProjections + (n << 2)
    const a = load<usize>(at) + offset
    const b = load<usize>(at, 4) + offset
    const c = load<usize>(at, 8) + offset
    const e = load<usize>(at, 12) + offset
    const sums = fourProducts(vector, tiles, whole, 0, a, b, c, e)
    v128.store(bases + (n << 2), add ? f32x4.add(v128.load(bases + (n << 2)), sums) : sums)
  }
}
