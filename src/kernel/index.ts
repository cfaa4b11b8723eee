// What the host calls. One instance of this module serves one network, in a memory of its own.

import { ONE, ROW, Table, itemBias, itemsN, sourceN, steps } from './memory'
import { applyGradients } from './gradients'
import { drawLoss, learnDraw, readQuery, scoreItems } from './total'

export {
  steps, userRows, historyStart, historyItems, historyAges, historyLength, positives, candidates, direct,
  mirrored, negatives, choices, blockCount, hasHistory, shift, reach, stride, blockRecords, listRows,
  listWeights, listCounts, marks, places, query, queryN, x, dx, scores, chosenItems, chosenPulls,
} from './memory'
export { forgetMarks } from './history'

/** Learns draws 0 … count-1, one update for each (`each`) or one for all; returns the sum of their losses. */
export function learn(count: i32, each: bool): f64 {
  let loss: f64 = 0
  let learned = 0
  const scale: f64 = each ? 1 : 1 / <f64>count
  for (let k = 0; k < count; k++) {
    if (!learnDraw(k, scale, each)) continue
    loss += drawLoss()
    learned++
    if (each) store<i32>(steps, load<i32>(steps) + 1)
  }
  if (each || learned == 0) return loss
  apply(sourceN)
  apply(itemsN)
  apply(itemBias)
  store<i32>(steps, load<i32>(steps) + 1)
  return loss
}

function apply(table: Table): void {
  if (table.kind >= 0) applyGradients(table, ONE, ROW)
}

/** out[n] = s(user k, items[n]). */
export function score(k: i32, items: usize, count: i32, out: usize): void {
  readQuery(k)
  scoreItems(items, count, out)
}

/** True when all of the ids are in low … end-1; `count` of them, read in whole lanes with the rest masked. */
export function idsWithin(ids: usize, count: i32, low: i32, end: i32): bool {
  let bad = i32x4.splat(0)
  const span = i32x4.splat(end - low)
  const start = i32x4.splat(low)
  let n = 0
  for (; n + 4 <= count; n += 4) {
    bad = v128.or(bad, i32x4.ge_u(i32x4.sub(v128.load(ids + (n << 2)), start), span))
  }
  if (v128.any_true(bad)) return false
  for (; n < count; n++) {
    if (<u32>(load<i32>(ids + (n << 2)) - low) >= <u32>(end - low)) return false
  }
  return true
}

/** True when none is below zero or no number. */
export function agesHold(ages: usize, count: i32): bool {
  const zero = f32x4.splat(0)
  let good = i32x4.splat(-1)
  let n = 0
  for (; n + 4 <= count; n += 4) good = v128.and(good, f32x4.ge(v128.load(ages + (n << 2)), zero))
  if (!i32x4.all_true(good)) return false
  for (; n < count; n++) if (!(load<f32>(ages + (n << 2)) >= 0)) return false
  return true
}
