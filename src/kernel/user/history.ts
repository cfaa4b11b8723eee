// The rows that a user's vector is made of, and their weights: p_b = Σ_l weight_l · S[row_l], for one user at a time.
// An item that occurs twice in a history is listed once, with the sum of its weights.

import {
  blockCount, blockRecords, hasHistory, historyAges, historyItems, historyLength, historyStart, listCounts, listRows,
  listStride, listWeights, longestBlock, rowMarks, rowPositions, sourceRowOffset, userRows,
} from '../globals'
import { Block } from '../records'
import { exp } from '../simd/exp'
import { scaleRow } from '../simd/lanes'

const LONG = 0
const TIME = 2
const WEIGHT_MIN: f32 = 0.02

let list = 0

/** Clears the marks: after they got new addresses, or after another instance has written to them. */
export function forgetMarks(): void {
  memory.fill(rowMarks, 0, rowPositions - rowMarks)
  list = 0
}

/** Fills the lists of user k of the batch. */
export function readSources(k: i32): void {
  if (!hasHistory) {
    store<i32>(listRows, load<i32>(userRows + (k << 2)))
    store<f32>(listWeights, 1)
    store<i32>(listCounts, 1)
    return
  }
  const start = historyStart + (k << 2)
  const from = load<i32>(start)
  const given = load<i32>(start, 4) - from
  const whole = load<i32>(historyLength + (k << 2))
  const items = historyItems + (from << 2)
  const ages = historyAges + (from << 2)
  const repeats = hasRepeats(items, min(given, longestBlock))
  for (let b = 0; b < blockCount; b++) {
    const block = changetype<Block>(blockRecords + b * offsetof<Block>())
    const rows = listRows + ((b * listStride) << 2)
    const weights = listWeights + ((b * listStride) << 2)
    let count = min(given, block.length)
    let scale: f32
    if (block.kind == TIME) {
      count = ageWeights(block, ages, weights, count)
      scale = timeScale(block, weights, count)
    } else {
      const taken = count
      if (sourceRowOffset == 1 && taken == whole) count++
      scale = load<f32>(block.scales + (count << 2))
      fillWeights(block, weights, count)
      copyRows(items, rows, taken)
      if (count > taken) store<i32>(rows + (taken << 2), 0)
    }
    if (block.kind == TIME) copyRows(items, rows, count)
    scaleRow(weights, <usize>count << 2, scale)
    store<i32>(listCounts + (b << 2), repeats ? merge(rows, weights, count) : count)
  }
}

/** Four rows are copied at a time: up to three entries after the last one are written, too. */
function copyRows(items: usize, rows: usize, count: i32): void {
  const more = i32x4.splat(sourceRowOffset)
  for (let l: usize = 0; l < <usize>count << 2; l += 16) {
    v128.store(rows + l, i32x4.add(v128.load(items + l), more))
  }
}

function fillWeights(block: Block, weights: usize, count: i32): void {
  const bytes = <usize>count << 2
  if (block.kind == LONG) {
    const ones = f32x4.splat(1)
    for (let l: usize = 0; l < bytes; l += 16) v128.store(weights + l, ones)
  } else {
    const decays = block.decays
    for (let l: usize = 0; l < bytes; l += 16) v128.store(weights + l, v128.load(decays + l))
  }
}

/** e^(-age/seconds) up to the first weight below the minimum; returns how many weights there are. */
function ageWeights(block: Block, ages: usize, weights: usize, count: i32): i32 {
  const rate = f32x4.splat(-block.perSecond)
  const least = f32x4.splat(-80)
  for (let l = 0; l < count; l += 4) {
    const at = <usize>l << 2
    const w = exp(f32x4.max(f32x4.mul(v128.load(ages + at), rate), least))
    v128.store(weights + at, w)
    const below = i32x4.bitmask(f32x4.lt(w, f32x4.splat(WEIGHT_MIN)))
    if (below != 0) return min(count, l + ctz(below))
  }
  return count
}

function timeScale(block: Block, weights: usize, count: i32): f32 {
  let mass: f32 = 1
  for (let l = 0; l < count; l++) mass += load<f32>(weights + (l << 2))
  if (block.power == 0.5) return 1 / sqrt<f32>(mass)
  return <f32>Math.pow(mass, -block.power)
}

function hasRepeats(items: usize, count: i32): bool {
  const mark = nextList()
  for (let l = 0; l < count; l++) {
    const at = rowMarks + (load<i32>(items + (l << 2)) << 2)
    if (load<i32>(at) == mark) return true
    store<i32>(at, mark)
  }
  return false
}

/** Merges repeated rows into one; returns how many rows are left. */
function merge(rows: usize, weights: usize, count: i32): i32 {
  const mark = nextList()
  let kept = 0
  for (let l = 0; l < count; l++) {
    const row = load<i32>(rows + (l << 2))
    const weight = load<f32>(weights + (l << 2))
    const at = row << 2
    if (load<i32>(rowMarks + at) == mark) {
      const place = weights + (load<i32>(rowPositions + at) << 2)
      store<f32>(place, load<f32>(place) + weight)
      continue
    }
    store<i32>(rowMarks + at, mark)
    store<i32>(rowPositions + at, kept)
    store<i32>(rows + (kept << 2), row)
    store<f32>(weights + (kept << 2), weight)
    kept++
  }
  return kept
}

/** Numbers the lists from 1. After 2³¹ lists old marks could be taken for new ones, so all are cleared. */
function nextList(): i32 {
  if (list == i32.MAX_VALUE) forgetMarks()
  return ++list
}
