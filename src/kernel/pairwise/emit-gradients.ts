// From a chunk's planes to the entries of its draws: gradients of the user's vector and of the items, draw by draw.
//
// Symbols: i the positive, j the negative of a question.

import {
  inputDelta, itemsD, negatives, pairDraw, pairDz, pairInputDelta, pairQuestion, pairUser, picked, positives, query, queryN,
  x,
} from '../memory'
import { firstAt, secondAt, vectorOf } from './mirrored-pairs'
import { choosePair, chosen, placeOf, startChosen } from '../scores/chosen-items'
import { addScaled } from '../dense/layers'
import { clearRow, entryOf, rowOf, writeEntry } from './draw-gradients'
import { inputUnits, queryOf, userWidth } from './tower'
import { blockOf, padded } from './planes'
import { weighQuery } from '../user/query'
import { backQuery } from '../scores/learn-draw'

/** The query as it was when the chunk was filled: nothing has moved since, and a history is long. */
export function takeQuery(user: usize): void {
  const from = queryOf(user)
  for (let d = 0; d < queryN; d += 4) v128.store(x + (d << 2), v128.load(from + (d << 2)))
  weighQuery()
}

/**
 * The entry of the draw whose first couple or pair is n, of `pairs` in the chunk; the entry of draw `from` is the first. Returns
 * the first couple or pair of the next draw.
 */
export function leaveDraw(from: i32, n: i32, pairs: i32, coupled: bool): i32 {
  const k = load<i32>(pairDraw + (n << 2))
  const entry = entryOf(k - from)
  const i = load<i32>(positives + (k << 2))
  if (query > 0) takeQuery(load<usize>(pairUser + (n << 2)))
  startChosen(k)
  clearRow(entry, 0)
  for (let d = 0; d < userWidth(); d += 4) v128.store(inputDelta + (d << 2), f32x4.splat(0))
  for (; n < pairs && load<i32>(pairDraw + (n << 2)) == k; n++) {
    const question = load<i32>(pairQuestion + (n << 2))
    const j = load<i32>(picked + ((k * negatives + (question >> 1)) << 2))
    const before = chosen
    const place = placeOf(j)
    if (place == before) clearRow(entry, place)
    if (coupled) leaveCouple(entry, n, padded(pairs) + n, i, j, place)
    else leavePair(entry, n, i, j, place, (question & 1) == 0)
  }
  backQuery(false)
  writeEntry(entry, chosen)
  return n
}

function leaveCouple(entry: usize, n: i32, mirror: i32, i: i32, j: i32, place: i32): void {
  choosePair(i, j, load<f32>(pairDz + (n << 2)))
  choosePair(j, i, load<f32>(pairDz + (mirror << 2)))
  const vector = vectorOf(n)
  addScaled(inputDelta, vector, userWidth(), 1)
  addScaled(rowOf(entry, 0), vector + firstAt(), itemsD.width, 1)
  addScaled(rowOf(entry, place), vector + secondAt(), itemsD.width, 1)
}

function leavePair(entry: usize, n: i32, i: i32, j: i32, place: i32, isDirect: bool): void {
  const user = userWidth()
  const width = itemsD.width
  choosePair(isDirect ? i : j, isDirect ? j : i, load<f32>(pairDz + (n << 2)))
  // The vector of the pair's user is not needed any more: its place takes the gradients.
  const vector = load<usize>(pairUser + (n << 2))
  takeDelta(vector, n, 0, user, 1)
  addScaled(inputDelta, vector, user, 1)
  takeDelta(vector, n, user, width, 1)
  addScaled(rowOf(entry, isDirect ? 0 : place), vector, width, 1)
  takeDelta(vector, n, user + width, width, -1)
  addScaled(rowOf(entry, isDirect ? place : 0), vector, width, 1)
}

/** Columns from … from+width-1 of dloss by the input of pair n, out of the plane into a vector of whole lanes. */
function takeDelta(out: usize, n: i32, from: i32, width: i32, sign: f32): void {
  let at = pairInputDelta + (n >> 2) * blockOf(inputUnits()) + (from << 4) + ((n & 3) << 2)
  for (let d = 0; d < width; d++) {
    store<f32>(out + (d << 2), sign * load<f32>(at))
    at += 16
  }
}
