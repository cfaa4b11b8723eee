// Gradients of an update of several draws, summed by touched block of a row, so that each row is updated once, however
// often it occurs. With `each` this is not needed: the rows of one draw differ, and are updated immediately.

import { steps, threadIndex } from '../globals'
import { ADAM, ONE, Table } from '../records'
import { ownsRow } from '../thread-pool'
import { firstLanes, padded4 } from '../simd/lanes'
import { adamBlock, startUpdate } from './adam'
import { GROUP, keepPrefetched, prefetchRow } from './prefetch'
import { updateRows } from './update-rows'

/** Clears this thread's sums and hash table before a batch. Every update leaves them cleared. */
export function startSums(table: Table): void {
  store<i32>(threadSums(table), 0)
  memory.fill(slotsOf(table), 0, 4 << (32 - table.hashShift))
}

/** Gradient of (row, b) += weight_l · g for every row of a list that belongs to this thread. */
export function sumGradients(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize,
): void {
  const width = table.width
  const bytes = padded4(table.width) << 2
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

/** Where this thread's number of touched rows, their keys and their sums are. */
// @ts-ignore: decorator
@inline
function threadSums(table: Table): usize {
  return table.touched + threadIndex * table.sumsPitch
}

/** Where this thread's hash table is: for each slot the number of a key, or 0. */
// @ts-ignore: decorator
@inline
function slotsOf(table: Table): usize {
  return table.slots + (threadIndex << (34 - table.hashShift))
}

/** The first slot of a key, in bytes. Consecutive keys go to distant slots (2³² / golden ratio). */
// @ts-ignore: decorator
@inline
function slotOf(table: Table, key: i32): usize {
  return <usize>(<u32>(key * 0x9e3779b1) >>> table.hashShift) << 2
}

/** The slot after this one; the first follows the last. */
// @ts-ignore: decorator
@inline
function nextSlot(table: Table, slot: usize): usize {
  return (slot + 4) & ((<usize>4 << (32 - table.hashShift)) - 1)
}

/** The number of a key; a new key gets the next number. */
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

/**
 * Frees the slot of a key that has one. The keys are freed in the order of their numbers, and a search passes over
 * slots with other numbers, so a later key is still found.
 */
// @ts-ignore: decorator
@inline
function freeSlot(table: Table, slots: usize, key: i32, number: i32): void {
  let slot = slotOf(table, key)
  while (load<i32>(slots + slot) != number) slot = nextSlot(table, slot)
  store<i32>(slots + slot, 0)
}

/** Updates every row that this thread has touched with its sum, in the order of first touch, and clears the sums. */
export function applyGradients(table: Table): void {
  const sums = threadSums(table)
  if (table.kind == ADAM) applyAdam(table, sums)
  else applyOthers(table, sums)
  store<i32>(sums, 0)
}

function applyAdam(table: Table, sums: usize): void {
  const t = load<i32>(steps) + 1
  startUpdate(t)
  const bytes = padded4(table.width) << 2
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
  const bytes = padded4(table.width) << 2
  const used = load<i32>(sums)
  const slots = slotsOf(table)
  for (let n = 1; n <= used; n++) {
    // The memory of the key becomes a list of one row.
    const row = sums + (n << 2)
    const key = load<i32>(row)
    store<i32>(row, key / table.blocks)
    updateRows(table, key % table.blocks, row, ONE, 1, sums + table.toSums + (n - 1) * bytes)
    freeSlot(table, slots, key, n)
  }
}

/** Prefetches the touched blocks first … end-1, counted from 1. */
function prefetchBlocks(table: Table, sums: usize, first: i32, end: i32): void {
  const bytes = table.width << 2
  let loaded = 0
  for (let n = first; n < end; n++) loaded |= prefetchRow(table, load<i32>(sums + (n << 2)) * bytes, bytes)
  keepPrefetched(loaded)
}
