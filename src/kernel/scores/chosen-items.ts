// The items that one draw learns: its positive, and the hardest candidate of each of its questions. Each item is listed
// once, however many questions chose it, with dloss/da and dloss/dc summed so far.
//
// Symbols: q a question of a draw, a = x1·v and c = x2·v of an item; α and γ are dloss/da and dloss/dc.

import { choices, chosenAlphas, chosenGammas, chosenItems, negatives, positives, scores } from '../globals'
import { firstLanes, gather } from '../simd/lanes'

/** How many items the list of the current draw has. */
export let chosen = 0

/** Starts the list of draw k with its positive. */
export function startChosen(k: i32): void {
  chosen = 1
  store<i32>(chosenItems, load<i32>(positives + (k << 2)))
  store<f32>(chosenAlphas, 0)
  store<f32>(chosenGammas, 0)
}

/** The index of an item in the list, to which it is added if it is not there. Four entries are compared at once. */
export function placeOf(item: i32): i32 {
  const wanted = i32x4.splat(item)
  for (let n = 0; n < chosen; n += 4) {
    const same = i32x4.bitmask(i32x4.eq(wanted, v128.load(chosenItems + (n << 2))))
    // Entries after the end of the list belong to an earlier draw.
    if (same != 0) {
      const at = n + ctz(same)
      if (at < chosen) return at
    }
  }
  const at = chosen << 2
  store<i32>(chosenItems + at, item)
  store<f32>(chosenAlphas + at, 0)
  store<f32>(chosenGammas + at, 0)
  return chosen++
}

// @ts-ignore: decorator
@inline
export function addCoefficients(place: i32, alpha: f32, gamma: f32): void {
  const at = place << 2
  store<f32>(chosenAlphas + at, load<f32>(chosenAlphas + at) + alpha)
  store<f32>(chosenGammas + at, load<f32>(chosenGammas + at) + gamma)
}

/** Adds dloss/da of one item and dloss/dc of another. */
export function addPairCoefficients(a: i32, b: i32, dz: f32): void {
  addCoefficients(placeOf(a), dz, 0)
  addCoefficients(placeOf(b), 0, -dz)
}

/** Bytes of the scratch of four questions: their items, and two more values of four lanes. */
export const FOUR_QUESTIONS_BYTES = 48

/** The scratch of the first four questions of a draw follows the scores of its candidates. */
// @ts-ignore: decorator
@inline
export function questionScratch(): usize {
  return scores + (((negatives * choices + 3) >> 2) << 4)
}

/**
 * Writes to `to` the best scoring candidate of each of the questions q … q+3 (the first of equals) and then their
 * scores; -1 where a question has no candidate or does not exist. The four questions are lanes: which of the candidates
 * is the best cannot be predicted, and comparing all costs less than mispredicted branches.
 */
export function hardestOfFour(first: usize, q: i32, to: usize): void {
  const step = <usize>choices << 2
  const some = min(negatives - q, 4)
  const last = <usize>(some - 1)
  const a = first + <usize>q * step
  const b = a + min(1, last) * step
  const c = a + min(2, last) * step
  const d = a + min(3, last) * step
  const toScores = scores - first
  const none = i32x4.splat(-1)
  let items = none
  let most = f32x4.splat(0)
  for (let n: usize = 0; n < step; n += 4) {
    const item = gather(a + n, b + n, c + n, d + n)
    const at = n + toScores
    const s = gather(a + at, b + at, c + at, d + at)
    // An item is at least 0 where it is above -1.
    const more = v128.or(i32x4.eq(items, none), f32x4.gt(s, most))
    const better = v128.and(i32x4.gt_s(item, none), more)
    items = v128.bitselect(item, items, better)
    most = v128.bitselect(s, most, better)
  }
  if (some < 4) items = v128.bitselect(items, none, firstLanes(some))
  v128.store(to, items)
  v128.store(to, most, 16)
}
