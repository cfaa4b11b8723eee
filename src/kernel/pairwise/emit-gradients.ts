// From the planes of a chunk to the gradients of its draws: of the user's vector and of the items, draw by draw.
//
// Symbols: i the positive, j the negative of a question.

import {
  inputDelta, negatives, pairDraw, pairDz, pairInputDelta, pairQuestion, pairUser, pickedNegatives, positives, query,
  queryN, x,
} from '../globals'
import { itemsD } from '../records'
import { addScaled } from '../dense/weights'
import { addPairCoefficients, chosen, placeOf, startChosen } from '../scores/chosen-items'
import { backQuery } from '../scores/learn-draw'
import { weighQuery } from '../user/query'
import { clearRow, drawGradientAt, rowOf, writeDrawGradient } from './draw-gradients'
import { firstItemAt, pairVectors, secondItemAt } from './mirrored-pairs'
import { blockOf, padded } from './planes'
import { inputUnits, queryOf, userWidth } from './tower'

/** The query as it was when the chunk was filled: no row has changed since, and reading a history again takes long. */
export function restoreQuery(user: usize): void {
  const from = queryOf(user)
  for (let d = 0; d < queryN; d += 4) v128.store(x + (d << 2), v128.load(from + (d << 2)))
  weighQuery()
}

/**
 * Writes the gradient of the draw whose first pair is n, of `pairs` in the chunk. The first draw gradient in memory
 * belongs to draw `from`. Returns the first pair of the next draw.
 */
export function emitDraw(from: i32, n: i32, pairs: i32, withMirrors: bool): i32 {
  const k = load<i32>(pairDraw + (n << 2))
  const drawGradient = drawGradientAt(k - from)
  const i = load<i32>(positives + (k << 2))
  if (query > 0) restoreQuery(load<usize>(pairUser + (n << 2)))
  startChosen(k)
  clearRow(drawGradient, 0)
  for (let d = 0; d < userWidth(); d += 4) v128.store(inputDelta + (d << 2), f32x4.splat(0))
  for (; n < pairs && load<i32>(pairDraw + (n << 2)) == k; n++) {
    const question = load<i32>(pairQuestion + (n << 2))
    const j = load<i32>(pickedNegatives + ((k * negatives + (question >> 1)) << 2))
    const before = chosen
    const place = placeOf(j)
    if (place == before) clearRow(drawGradient, place)
    if (withMirrors) emitMirroredPair(drawGradient, n, padded(pairs) + n, i, j, place)
    else emitPair(drawGradient, n, i, j, place, (question & 1) == 0)
  }
  backQuery(false)
  writeDrawGradient(drawGradient, chosen)
  return n
}

function emitMirroredPair(drawGradient: usize, n: i32, mirror: i32, i: i32, j: i32, place: i32): void {
  addPairCoefficients(i, j, load<f32>(pairDz + (n << 2)))
  addPairCoefficients(j, i, load<f32>(pairDz + (mirror << 2)))
  const vector = pairVectors(n)
  addScaled(inputDelta, vector, userWidth(), 1)
  addScaled(rowOf(drawGradient, 0), vector + firstItemAt(), itemsD.width, 1)
  addScaled(rowOf(drawGradient, place), vector + secondItemAt(), itemsD.width, 1)
}

function emitPair(drawGradient: usize, n: i32, i: i32, j: i32, place: i32, isDirect: bool): void {
  const user = userWidth()
  const width = itemsD.width
  addPairCoefficients(isDirect ? i : j, isDirect ? j : i, load<f32>(pairDz + (n << 2)))
  // The vector of the pair's user is no longer needed: its memory takes the gradients.
  const vector = load<usize>(pairUser + (n << 2))
  copyInputGradient(vector, n, 0, user, 1)
  addScaled(inputDelta, vector, user, 1)
  copyInputGradient(vector, n, user, width, 1)
  addScaled(rowOf(drawGradient, isDirect ? 0 : place), vector, width, 1)
  copyInputGradient(vector, n, user + width, width, -1)
  addScaled(rowOf(drawGradient, isDirect ? place : 0), vector, width, 1)
}

/** Copies columns from … from+width-1 of the gradient by the input of pair n out of the plane into a vector. */
function copyInputGradient(out: usize, n: i32, from: i32, width: i32, sign: f32): void {
  let at = pairInputDelta + (n >> 2) * blockOf(inputUnits()) + (from << 4) + ((n & 3) << 2)
  for (let d = 0; d < width; d++) {
    store<f32>(out + (d << 2), sign * load<f32>(at))
    at += 16
  }
}
