// One user over a catalogue that can only be compared: an item against many at once, from cards (cards.ts), so that only
// the upper layers are left to compute.
//
// Symbols: z(i,r) the logit of «the user prefers i to r», c = W_u·p + b the user's share of the first layer,
// h = tanh(c + A_i - B_r); without layers z = c + A_i - B_r.

import { input, layerCount, outputBias, outputWeights, query, x1, x2 } from './memory'
import {
  cardOf, firstInputs, firstUnits, firstWeights, runLayer, turnFour, wholeLanes,
} from './cards'
import { layerOf } from './dense'
import { addProduct, fourSums } from './lanes'
import { userWidth } from './pairs'
import { readQuery } from './query'
import { dotRow } from './rows'
import { quickTanh } from './tanh'

/** Comparisons of a chunk: its planes fit the fastest cache. */
export const LANES = 32

/** c; c - B_r; c + A_r; then per lane the cards, logits and what NBPR gives; two planes. */
let own: usize = 0
let forthPart: usize = 0
let backPart: usize = 0
let laneCards: usize = 0
let logits: usize = 0
let bases: usize = 0
let planes: usize = 0

export function contestScratch(): i32 {
  const units = wholeLanes(firstUnits())
  return (3 * units + 3 * LANES + 2 * units * LANES) << 2
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
  for (let d: usize = 0; d < <usize>units << 2; d += 16) {
    const c = v128.load(own + d)
    v128.store(forthPart + d, f32x4.sub(c, v128.load(champion + (units << 2) + d)))
    v128.store(backPart + d, f32x4.add(c, v128.load(champion + d)))
  }
  const step = both ? LANES / 2 : LANES
  for (let n = 0; n < count; n += step) {
    const some = min(step, count - n)
    const width = both ? wholeLanes(some) : (some + 7) & ~7
    for (let k = 0; k < width; k++) {
      store<usize>(laneCards + (k << 2), cardOf(load<i32>(items + ((n + min(k, some - 1)) << 2))))
    }
    const lanes = both ? 2 * width : width
    firstPlane(width, lanes, 0, 0, forthPart, false)
    if (both) firstPlane(width, lanes, width, units << 2, backPart, true)
    runUpper(lanes)
    if (query > 0) addNbpr(champion, width, both)
    memory.copy(forth + (n << 2), logits, some << 2)
    if (both) memory.copy(back + (n << 2), logits + (width << 2), some << 2)
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
  return layerCount > 0 ? quickTanh(sum) : sum
}

/** logits = the output layer over the planes of the other layers. */
function runUpper(lanes: i32): void {
  const rowBytes = lanes << 2
  let from = planes
  let to = planes + ((wholeLanes(firstUnits()) * LANES) << 2)
  let units = 1
  for (let l = 0; l < layerCount; l++) {
    const layer = layerOf(l)
    units = layer.outputs
    if (l == 0) continue
    runLayer(to, layer.weights, layer.inputs << 2, layer.biases, units, layer.inputs, from, lanes, true)
    const plane = from
    from = to
    to = plane
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
  dotCards(x1, offset, width)
  const against = f32x4.splat(dotRow(x2, champion + offset, wholeLanes(query)))
  for (let n = 0; n < width << 2; n += 16) {
    const base = f32x4.sub(v128.load(bases + n), against)
    v128.store(logits + n, f32x4.add(base, v128.load(logits + n)))
  }
  if (!both) return
  dotCards(x2, offset, width)
  const own = f32x4.splat(dotRow(x1, champion + offset, wholeLanes(query)))
  const to = logits + (width << 2)
  for (let n = 0; n < width << 2; n += 16) {
    const base = f32x4.sub(own, v128.load(bases + n))
    v128.store(to + n, f32x4.add(base, v128.load(to + n)))
  }
}

/** bases[n] = vector · the NBPR row of lane n's card. */
function dotCards(vector: usize, offset: usize, width: i32): void {
  const bytes = <usize>wholeLanes(query) << 2
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
    v128.store(bases + (n << 2), fourSums(sa, sb, sc, se))
  }
}
