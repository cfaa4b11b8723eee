// Gradients of an update of several draws, summed per touched row: each row is updated once, however often it
// occurs. Not used with `each`, where a draw's rows are different and are updated at once.

import { steps, threadIndex } from '../globals'
import { ADAM, ONE, Table } from '../records'
import { ownsRow } from '../thread-pool'
import { firstLanes } from '../simd/lanes'
import { adamBlock, startUpdate } from './adam'
import { GROUP, keepPrefetched, prefetchRow } from './prefetch'
import { updateRows } from './update-rows'

/** Floats of a sum: a row's block in whole lanes. */
// @ts-ignore: decorator
@inline
function sumFloats(table: Table): i32 {
  return (table.width + 3) & ~3
}

/** Before a batch: nothing of this threadIndex's is summed, and no key has a number. Every update leaves it so again. */
export function startSums(table: Table): void {
  store<i32>(threadSums(table), 0)
  memory.fill(slotsOf(table), 0, 4 << (32 - table.hashShift))
}

/** Gradient of (row, b) += weight_l · g for every row of a list that is this threadIndex's. */
export function sumGradients(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize,
): void {
  const width = table.width
  const bytes = sumFloats(table) << 2
  const sums = threadSums(table)
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const row = load<i32>(rows + l)
    if (!ownsRow(row)) continue
    const before = load<i32>(sums)
    const number = sumNumberOf(table, sums, row * table.blocks + b)
    const sum = sums + table.toSums + (number - 1) * bytes
    const k = v128.load32_splat(weights + l)
    if (number > before) setSum(sum, k, g, width)
    else addSum(sum, k, g, width)
  }
}

// @ts-ignore: decorator
@inline
function setSum(sum: usize, k: v128, g: usize, width: i32): void {
  let d: usize = 0
  for (const whole = <usize>(width & ~3) << 2; d < whole; d += 16) v128.store(sum + d, f32x4.mul(k, v128.load(g + d)))
  if ((width & 3) != 0) v128.store(sum + d, v128.and(f32x4.mul(k, v128.load(g + d)), firstLanes(width & 3)))
}

// @ts-ignore: decorator
@inline
function addSum(sum: usize, k: v128, g: usize, width: i32): void {
  let d: usize = 0
  for (const whole = <usize>(width & ~3) << 2; d < whole; d += 16) {
    v128.store(sum + d, f32x4.add(v128.load(sum + d), f32x4.mul(k, v128.load(g + d))))
  }
  if ((width & 3) == 0) return
  const more = v128.and(f32x4.mul(k, v128.load(g + d)), firstLanes(width & 3))
  v128.store(sum + d, f32x4.add(v128.load(sum + d), more))
}

/** Where this threadIndex's number of touched rows, their keys and their sums are. */
// @ts-ignore: decorator
@inline
function threadSums(table: Table): usize {
  return table.touched + threadIndex * table.sumsPitch
}

/** Where this threadIndex's slots are, by hashes. */
// @ts-ignore: decorator
@inline
function slotsOf(table: Table): usize {
  return table.slots + (threadIndex << (34 - table.hashShift))
}

/** The first slot of a key, in bytes. Keys that follow one another go to places far apart (2³² / golden ratio). */
// @ts-ignore: decorator
@inline
function slotOf(table: Table, key: i32): usize {
  return <usize>(<u32>(key * 0x9e3779b1) >>> table.hashShift) << 2
}

/** The slot after it; after the last comes the first. */
// @ts-ignore: decorator
@inline
function nextSlot(table: Table, slot: usize): usize {
  return (slot + 4) & ((<usize>4 << (32 - table.hashShift)) - 1)
}

/** The number of a key, a new one at its first use. */
// @ts-ignore: decorator
@inline
function sumNumberOf(table: Table, sums: usize, key: i32): i32 {
  const slots = slotsOf(table)
  let slot = slotOf(table, key)
  let number = load<i32>(slots + slot)
  while (number != 0 && load<i32>(sums + (number << 2)) != key) {
    slot = nextSlot(table, slot)
    number = load<i32>(slots + slot)
  }
  if (number != 0) return number
  number = load<i32>(sums) + 1
  store<i32>(sums, number)
  store<i32>(slots + slot, number)
  store<i32>(sums + (number << 2), key)
  return number
}

/** Forgets the number of a key, which has one. Others are still found: who looks for one looks past empty places. */
// @ts-ignore: decorator
@inline
function freeSlot(table: Table, slots: usize, key: i32, number: i32): void {
  let slot = slotOf(table, key)
  while (load<i32>(slots + slot) != number) slot = nextSlot(table, slot)
  store<i32>(slots + slot, 0)
}

/** Updates every row that this threadIndex has touched with its sum, in the order of first touch, and forgets all. */
export function applyGradients(table: Table): void {
  const sums = threadSums(table)
  if (table.kind == ADAM) applyAdam(table, sums)
  else applyOthers(table, sums)
  store<i32>(sums, 0)
}

function applyAdam(table: Table, sums: usize): void {
  const t = load<i32>(steps) + 1
  startUpdate(t)
  const bytes = sumFloats(table) << 2
  const used = load<i32>(sums)
  const slots = slotsOf(table)
  let sum = sums + table.toSums
  for (let first = 1; first <= used; first += GROUP) {
    const end = min(first + GROUP, used + 1)
    prefetchBlocks(table, sums, first, end)
    for (let n = first; n < end; n++) {
      const key = load<i32>(sums + (n << 2))
      adamBlock(table, key, sum, 1, t)
      freeSlot(table, slots, key, n)
      sum += bytes
    }
  }
}

function applyOthers(table: Table, sums: usize): void {
  const bytes = sumFloats(table) << 2
  const used = load<i32>(sums)
  const slots = slotsOf(table)
  for (let n = 1; n <= used; n++) {
    // The key's slot takes the row, a list of one.
    const row = sums + (n << 2)
    const key = load<i32>(row)
    store<i32>(row, key / table.blocks)
    updateRows(table, key % table.blocks, row, ONE, 1, sums + table.toSums + (n - 1) * bytes)
    freeSlot(table, slots, key, n)
  }
}

/** Asks for touched blocks first … end-1, the first is 1. */
function prefetchBlocks(table: Table, sums: usize, first: i32, end: i32): void {
  const bytes = table.width << 2
  let loaded = 0
  for (let n = first; n < end; n++) loaded |= prefetchRow(table, load<i32>(sums + (n << 2)) * bytes, bytes)
  keepPrefetched(loaded)
}
