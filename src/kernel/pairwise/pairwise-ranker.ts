// One user over a catalogue that can only be compared: an item against many at once, from projections (projections.ts), so that only
// the upper layers are left to compute.
//
// Symbols: z(i,r) the logit of «the user prefers i to r», c = W_u·p + b the user's share of the first layer,
// h = tanh(c + A_i - B_r); without layers z = c + A_i - B_r.

import { input, layerCount, outputBias, outputWeights, query, x1, x2 } from '../globals'
import { layerOf } from '../dense/layers'
import { dotRow } from '../rows/dot-products'
import { addProduct, fourSums } from '../simd/lanes'
import { tanh } from '../simd/tanh'
import { readQuery } from '../user/query'
import {
  firstInputs, firstUnits, firstWeights, projectionOf, runLayer, storeTransposed, wholeLanes,
} from './item-projections'
import { meanSlope } from './mean-slope'
import { userWidth } from './tower'

/** Comparisons of a chunk: its planes fit the fastest cache. */
export const LANES = 32

/** c; c - B_r; c + A_r; then per lane the projections, logits and what NBPR gives; a plane for each layer. */
let userPart: usize = 0
let firstPart: usize = 0
let secondPart: usize = 0
let laneProjections: usize = 0
let logits: usize = 0
let bases: usize = 0
let planes: usize = 0

/** Rows of all planes: each layer is half as wide as the one before, and padded to whole lanes. */
function planeRows(): i32 {
  let rows = wholeLanes(firstUnits())
  for (let l = 1; l < layerCount; l++) rows += wholeLanes(layerOf(l).outputs)
  return rows
}

export function rankerScratch(): i32 {
  return (3 * wholeLanes(firstUnits()) + 3 * LANES + planeRows() * LANES) << 2
}

/** Takes user 0 of the call. The projections are made. */
export function bindUser(scratch: usize): void {
  const units = wholeLanes(firstUnits())
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

/** forward[n] = z(items[n], r) and, where `reverse` is not 0, reverse[n] = z(r, items[n]), for n < count. */
export function compareWith(r: i32, items: usize, count: i32, forward: usize, reverse: usize): void {
  const both = reverse != 0
  const units = wholeLanes(firstUnits())
  const opponent = projectionOf(r)
  setParts(opponent)
  const step = both ? LANES / 2 : LANES
  for (let n = 0; n < count; n += step) {
    const some = min(step, count - n)
    const width = both ? wholeLanes(some) : (some + 7) & ~7
    loadProjections(items + (n << 2), some, width)
    const lanes = both ? 2 * width : width
    fillFirstPlane(width, lanes, 0, 0, firstPart, false)
    if (both) fillFirstPlane(width, lanes, width, units << 2, secondPart, true)
    runUpper(lanes)
    if (query > 0) addNbpr(opponent, width, both)
    memory.copy(forward + (n << 2), logits, some << 2)
    if (both) memory.copy(reverse + (n << 2), logits + (width << 2), some << 2)
  }
}

/** forward[n] = z(first[n], second[n]) and reverse[n] = z(second[n], first[n]), for n < count ≤ LANES / 2. */
export function comparePairs(first: usize, second: usize, count: i32, forward: usize, reverse: usize): void {
  const width = wholeLanes(count)
  const lanes = 2 * width
  const units = wholeLanes(firstUnits())
  for (let n = 0; n < lanes; n++) {
    const at = min(n < width ? n : n - width, count - 1) << 2
    const a = projectionOf(load<i32>((n < width ? first : second) + at))
    const b = projectionOf(load<i32>((n < width ? second : first) + at))
    store<usize>(laneProjections + (n << 2), a)
    let to = planes + (n << 2)
    for (let d: usize = 0; d < <usize>units << 2; d += 16) {
      const part = f32x4.sub(v128.load(userPart + d), v128.load(b + (units << 2) + d))
      const h = activated(part, v128.load(a + d), false)
      store<f32>(to, f32x4.extract_lane(h, 0))
      store<f32>(to + (lanes << 2), f32x4.extract_lane(h, 1))
      store<f32>(to + (lanes << 3), f32x4.extract_lane(h, 2))
      store<f32>(to + 3 * (lanes << 2), f32x4.extract_lane(h, 3))
      to += lanes << 4
    }
  }
  runUpper(lanes)
  for (let n = 0; n < 2 * count; n++) {
    const lane = n < count ? n : width + n - count
    const twin = n < count ? width + n : n - count
    let z = load<f32>(logits + (lane << 2))
    if (query > 0) {
      const a = load<usize>(laneProjections + (lane << 2)) + (units << 3)
      const b = load<usize>(laneProjections + (twin << 2)) + (units << 3)
      z += dotRow(x1, a, wholeLanes(query)) - dotRow(x2, b, wholeLanes(query))
    }
    store<f32>(n < count ? forward + (n << 2) : reverse + ((n - count) << 2), z)
  }
}

function setParts(opponent: usize): void {
  const units = wholeLanes(firstUnits())
  for (let d: usize = 0; d < <usize>units << 2; d += 16) {
    const c = v128.load(userPart + d)
    v128.store(firstPart + d, f32x4.sub(c, v128.load(opponent + (units << 2) + d)))
    v128.store(secondPart + d, f32x4.add(c, v128.load(opponent + d)))
  }
}

/** The projections of `some` items into the lanes, the last of them up to `width`. */
function loadProjections(items: usize, some: i32, width: i32): void {
  for (let k = 0; k < width; k++) {
    store<usize>(laneProjections + (k << 2), projectionOf(load<i32>(items + (min(k, some - 1) << 2))))
  }
}

/** Lanes from … from+width-1 of the first plane: part ± the share that stands `offset` bytes into each card. */
function fillFirstPlane(width: i32, lanes: i32, from: i32, offset: usize, part: usize, subtract: bool): void {
  const units = wholeLanes(firstUnits())
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
      storeTransposed(to, rowBytes, activated(q, v128.load(a + d), subtract), activated(q, v128.load(b + d), subtract),
        activated(q, v128.load(c + d), subtract), activated(q, v128.load(e + d), subtract))
      to += rowBytes << 2
    }
  }
}

// @ts-ignore: decorator
@inline
function activated(part: v128, share: v128, subtract: bool): v128 {
  const sum = subtract ? f32x4.sub(part, share) : f32x4.add(part, share)
  return layerCount > 0 ? tanh(sum) : sum
}

/** logits = the output layer over the planes of the other layers, which lie one after the other. */
function runUpper(lanes: i32): void {
  const rowBytes = lanes << 2
  let from = planes
  let units = firstUnits()
  for (let l = 1; l < layerCount; l++) {
    const layer = layerOf(l)
    const to = from + ((wholeLanes(units) * lanes) << 2)
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

/** NBPR's share: x1·v_i - x2·v_r forward, x1·v_r - x2·v_i reverse. */
function addNbpr(opponent: usize, width: i32, both: bool): void {
  const offset = wholeLanes(firstUnits()) << 3
  dotProjections(x1, wholeLanes(query), offset, width, false)
  const against = f32x4.splat(dotRow(x2, opponent + offset, wholeLanes(query)))
  for (let n = 0; n < width << 2; n += 16) {
    const base = f32x4.sub(v128.load(bases + n), against)
    v128.store(logits + n, f32x4.add(base, v128.load(logits + n)))
  }
  if (!both) return
  dotProjections(x2, wholeLanes(query), offset, width, false)
  const userPart = f32x4.splat(dotRow(x1, opponent + offset, wholeLanes(query)))
  const to = logits + (width << 2)
  for (let n = 0; n < width << 2; n += 16) {
    const base = f32x4.sub(userPart, v128.load(bases + n))
    v128.store(to + n, f32x4.add(base, v128.load(to + n)))
  }
}

/** bases[n] (+)= vector · what stands `offset` bytes into lane n's card. */
function dotProjections(vector: usize, columns: i32, offset: usize, width: i32, add: bool): void {
  const bytes = <usize>columns << 2
  for (let n = 0; n < width; n += 4) {
    const at = laneProjections + (n << 2)
    const a = load<usize>(at) + offset
    const b = load<usize>(at, 4) + offset
    const c = load<usize>(at, 8) + offset
    const e = load<usize>(at, 12) + offset
    let sa = f32x4.splat(0)
    let sb = sa
    let sc = sa
    let se = sa
    for (let d: usize = 0; d < bytes; d += 16) {
      const xv = v128.load(vector + d)
      sa = addProduct(sa, xv, v128.load(a + d))
      sb = addProduct(sb, xv, v128.load(b + d))
      sc = addProduct(sc, xv, v128.load(c + d))
      se = addProduct(se, xv, v128.load(e + d))
    }
    const sums = fourSums(sa, sb, sc, se)
    v128.store(bases + (n << 2), add ? f32x4.add(v128.load(bases + (n << 2)), sums) : sums)
  }
}

/**
 * out[n] = z(items[n], r) to first order, up to a constant: slope · A + x1·v, with the mean slope of z by the first layer
 * over an even sample of the items. A dot product in place of the tower.
 */
export function estimate(r: i32, items: usize, count: i32, out: usize): void {
  setParts(projectionOf(r))
  const units = wholeLanes(firstUnits())
  const sampled = min(count, LANES)
  for (let k = 0; k < sampled; k++) {
    const at = <i32>((<i64>count * k) / sampled)
    store<usize>(laneProjections + (k << 2), projectionOf(load<i32>(items + (at << 2))))
  }
  const lanes = (sampled + 7) & ~7
  for (let k = sampled; k < lanes; k++) store<usize>(laneProjections + (k << 2), load<usize>(laneProjections))
  fillFirstPlane(lanes, lanes, 0, 0, firstPart, false)
  runUpper(lanes)
  meanSlope(secondPart, planes, lanes)
  for (let n = 0; n < count; n += LANES) {
    const some = min(LANES, count - n)
    const width = wholeLanes(some)
    loadProjections(items + (n << 2), some, width)
    dotProjections(secondPart, units, 0, width, false)
    if (query > 0) dotProjections(x1, wholeLanes(query), units << 3, width, true)
    memory.copy(out + (n << 2), bases, some << 2)
  }
}
