// One user over a catalogue that can only be compared: an item against many at once, from cards (cards.ts), so that only
// the upper layers are left to compute.
//
// Symbols: z(i,r) the logit of «the user prefers i to r», c = W_u·p + b the user's share of the first layer,
// h = tanh(c + A_i - B_r); without layers z = c + A_i - B_r.

import { input, layerCount, outputBias, outputWeights, query, x1, x2 } from '../memory'
import {
  cardOf, firstInputs, firstUnits, firstWeights, runLayer, turnFour, wholeLanes,
} from './item-projections'
import { layerOf } from '../dense/layers'
import { addProduct, fourSums } from '../simd/lanes'
import { meanSlope } from './mean-slope'
import { userWidth } from './tower'
import { readQuery } from '../user/query'
import { dotRow } from '../rows/row-products'
import { tanh } from '../simd/tanh'

/** Comparisons of a chunk: its planes fit the fastest cache. */
export const LANES = 32

/** c; c - B_r; c + A_r; then per lane the cards, logits and what NBPR gives; a plane for each layer. */
let own: usize = 0
let forthPart: usize = 0
let backPart: usize = 0
let laneCards: usize = 0
let logits: usize = 0
let bases: usize = 0
let planes: usize = 0

/** Rows of all planes: each layer is half as wide as the one before, and padded to whole lanes. */
function planeRows(): i32 {
  let rows = wholeLanes(firstUnits())
  for (let l = 1; l < layerCount; l++) rows += wholeLanes(layerOf(l).outputs)
  return rows
}

export function contestScratch(): i32 {
  return (3 * wholeLanes(firstUnits()) + 3 * LANES + planeRows() * LANES) << 2
}

/** Takes user 0 of the call. The cards are made. */
export function bindUser(scratch: usize): void {
  const units = wholeLanes(firstUnits())
  own = scratch
  forthPart = own + (units << 2)
  backPart = forthPart + (units << 2)
  laneCards = backPart + (units << 2)
  logits = laneCards + (LANES << 2)
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
    store<f32>(own + (o << 2), c)
  }
}

/** forth[n] = z(items[n], r) and, where `back` is not 0, back[n] = z(r, items[n]), for n < count. */
export function meet(r: i32, items: usize, count: i32, forth: usize, back: usize): void {
  const both = back != 0
  const units = wholeLanes(firstUnits())
  const champion = cardOf(r)
  setParts(champion)
  const step = both ? LANES / 2 : LANES
  for (let n = 0; n < count; n += step) {
    const some = min(step, count - n)
    const width = both ? wholeLanes(some) : (some + 7) & ~7
    takeCards(items + (n << 2), some, width)
    const lanes = both ? 2 * width : width
    firstPlane(width, lanes, 0, 0, forthPart, false)
    if (both) firstPlane(width, lanes, width, units << 2, backPart, true)
    runUpper(lanes)
    if (query > 0) addNbpr(champion, width, both)
    memory.copy(forth + (n << 2), logits, some << 2)
    if (both) memory.copy(back + (n << 2), logits + (width << 2), some << 2)
  }
}

/** forth[n] = z(first[n], second[n]) and back[n] = z(second[n], first[n]), for n < count ≤ LANES / 2. */
export function meetPairs(first: usize, second: usize, count: i32, forth: usize, back: usize): void {
  const width = wholeLanes(count)
  const lanes = 2 * width
  const units = wholeLanes(firstUnits())
  for (let n = 0; n < lanes; n++) {
    const at = min(n < width ? n : n - width, count - 1) << 2
    const a = cardOf(load<i32>((n < width ? first : second) + at))
    const b = cardOf(load<i32>((n < width ? second : first) + at))
    store<usize>(laneCards + (n << 2), a)
    let to = planes + (n << 2)
    for (let d: usize = 0; d < <usize>units << 2; d += 16) {
      const part = f32x4.sub(v128.load(own + d), v128.load(b + (units << 2) + d))
      const h = joined(part, v128.load(a + d), false)
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
      const a = load<usize>(laneCards + (lane << 2)) + (units << 3)
      const b = load<usize>(laneCards + (twin << 2)) + (units << 3)
      z += dotRow(x1, a, wholeLanes(query)) - dotRow(x2, b, wholeLanes(query))
    }
    store<f32>(n < count ? forth + (n << 2) : back + ((n - count) << 2), z)
  }
}

function setParts(champion: usize): void {
  const units = wholeLanes(firstUnits())
  for (let d: usize = 0; d < <usize>units << 2; d += 16) {
    const c = v128.load(own + d)
    v128.store(forthPart + d, f32x4.sub(c, v128.load(champion + (units << 2) + d)))
    v128.store(backPart + d, f32x4.add(c, v128.load(champion + d)))
  }
}

/** The cards of `some` items into the lanes, the last of them up to `width`. */
function takeCards(items: usize, some: i32, width: i32): void {
  for (let k = 0; k < width; k++) {
    store<usize>(laneCards + (k << 2), cardOf(load<i32>(items + (min(k, some - 1) << 2))))
  }
}

/** Lanes from … from+width-1 of the first plane: part ± the share that stands `offset` bytes into each card. */
function firstPlane(width: i32, lanes: i32, from: i32, offset: usize, part: usize, minus: bool): void {
  const units = wholeLanes(firstUnits())
  const rowBytes = lanes << 2
  for (let n = 0; n < width; n += 4) {
    const at = laneCards + (n << 2)
    const a = load<usize>(at) + offset
    const b = load<usize>(at, 4) + offset
    const c = load<usize>(at, 8) + offset
    const e = load<usize>(at, 12) + offset
    let to = planes + ((from + n) << 2)
    for (let d: usize = 0; d < <usize>units << 2; d += 16) {
      const q = v128.load(part + d)
      turnFour(to, rowBytes, joined(q, v128.load(a + d), minus), joined(q, v128.load(b + d), minus),
        joined(q, v128.load(c + d), minus), joined(q, v128.load(e + d), minus))
      to += rowBytes << 2
    }
  }
}

// @ts-ignore: decorator
@inline
function joined(part: v128, share: v128, minus: bool): v128 {
  const sum = minus ? f32x4.sub(part, share) : f32x4.add(part, share)
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

/** NBPR's share: x1·v_i - x2·v_r forth, x1·v_r - x2·v_i back. */
function addNbpr(champion: usize, width: i32, both: bool): void {
  const offset = wholeLanes(firstUnits()) << 3
  dotCards(x1, wholeLanes(query), offset, width, false)
  const against = f32x4.splat(dotRow(x2, champion + offset, wholeLanes(query)))
  for (let n = 0; n < width << 2; n += 16) {
    const base = f32x4.sub(v128.load(bases + n), against)
    v128.store(logits + n, f32x4.add(base, v128.load(logits + n)))
  }
  if (!both) return
  dotCards(x2, wholeLanes(query), offset, width, false)
  const own = f32x4.splat(dotRow(x1, champion + offset, wholeLanes(query)))
  const to = logits + (width << 2)
  for (let n = 0; n < width << 2; n += 16) {
    const base = f32x4.sub(own, v128.load(bases + n))
    v128.store(to + n, f32x4.add(base, v128.load(to + n)))
  }
}

/** bases[n] (+)= vector · what stands `offset` bytes into lane n's card. */
function dotCards(vector: usize, columns: i32, offset: usize, width: i32, add: bool): void {
  const bytes = <usize>columns << 2
  for (let n = 0; n < width; n += 4) {
    const at = laneCards + (n << 2)
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
export function foresee(r: i32, items: usize, count: i32, out: usize): void {
  setParts(cardOf(r))
  const units = wholeLanes(firstUnits())
  const sampled = min(count, LANES)
  for (let k = 0; k < sampled; k++) {
    const at = <i32>((<i64>count * k) / sampled)
    store<usize>(laneCards + (k << 2), cardOf(load<i32>(items + (at << 2))))
  }
  const lanes = (sampled + 7) & ~7
  for (let k = sampled; k < lanes; k++) store<usize>(laneCards + (k << 2), load<usize>(laneCards))
  firstPlane(lanes, lanes, 0, 0, forthPart, false)
  runUpper(lanes)
  meanSlope(backPart, planes, lanes)
  for (let n = 0; n < count; n += LANES) {
    const some = min(LANES, count - n)
    const width = wholeLanes(some)
    takeCards(items + (n << 2), some, width)
    dotCards(backPart, units, 0, width, false)
    if (query > 0) dotCards(x1, wholeLanes(query), units << 3, width, true)
    memory.copy(out + (n << 2), bases, some << 2)
  }
}
