// Gradients of an update of several draws, summed per touched row: each row is updated once, however often it
// occurs. Not used with `each`, where a draw's rows are different and are updated at once.

import { adamBlock, startUpdate } from './adam'
import { STRIP, askRow, keep } from './prefetch'
import { owns } from '../thread-pool'
import { ADAM, ONE, Table, member, steps } from '../memory'
import { firstLanes } from '../simd/lanes'
import { updateRows } from './row-products'

/** Floats of a sum: a row's block in whole lanes. */
// @ts-ignore: decorator
@inline
function sumFloats(table: Table): i32 {
  return (table.width + 3) & ~3
}

/** Before a batch: nothing of this member's is summed, and no key has a number. Every update leaves it so again. */
export function startSums(table: Table): void {
  store<i32>(ownOf(table), 0)
  memory.fill(numbersOf(table), 0, 4 << (32 - table.hashShift))
}

/** Gradient of (row, b) += weight_l · g for every row of a list that is this member's. */
export function sumGradients(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize,
): void {
  const width = table.width
  const bytes = sumFloats(table) << 2
  const own = ownOf(table)
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const row = load<i32>(rows + l)
    if (!owns(row)) continue
    const known = load<i32>(own)
    const number = numberOf(table, own, row * table.blocks + b)
    const sum = own + table.toSums + (number - 1) * bytes
    const k = v128.load32_splat(weights + l)
    if (number > known) setSum(sum, k, g, width)
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

/** Where this member's number of touched rows, their keys and their sums are. */
// @ts-ignore: decorator
@inline
function ownOf(table: Table): usize {
  return table.touched + member * table.sumsPitch
}

/** Where this member's numbers are, by hashes. */
// @ts-ignore: decorator
@inline
function numbersOf(table: Table): usize {
  return table.numbers + (member << (34 - table.hashShift))
}

/** The first place of a key, in bytes. Keys that follow one another go to places far apart (2³² / golden ratio). */
// @ts-ignore: decorator
@inline
function placeOf(table: Table, key: i32): usize {
  return <usize>(<u32>(key * 0x9e3779b1) >>> table.hashShift) << 2
}

/** The place after it; after the last comes the first. */
// @ts-ignore: decorator
@inline
function nextPlace(table: Table, place: usize): usize {
  return (place + 4) & ((<usize>4 << (32 - table.hashShift)) - 1)
}

/** The number of a key, a new one at its first use. */
// @ts-ignore: decorator
@inline
function numberOf(table: Table, own: usize, key: i32): i32 {
  const numbers = numbersOf(table)
  let place = placeOf(table, key)
  let number = load<i32>(numbers + place)
  while (number != 0 && load<i32>(own + (number << 2)) != key) {
    place = nextPlace(table, place)
    number = load<i32>(numbers + place)
  }
  if (number != 0) return number
  number = load<i32>(own) + 1
  store<i32>(own, number)
  store<i32>(numbers + place, number)
  store<i32>(own + (number << 2), key)
  return number
}

/** Forgets the number of a key, which has one. Others are still found: who looks for one looks past empty places. */
// @ts-ignore: decorator
@inline
function forget(table: Table, numbers: usize, key: i32, number: i32): void {
  let place = placeOf(table, key)
  while (load<i32>(numbers + place) != number) place = nextPlace(table, place)
  store<i32>(numbers + place, 0)
}

/** Updates every row that this member has touched with its sum, in the order of first touch, and forgets all. */
export function applyGradients(table: Table): void {
  const own = ownOf(table)
  if (table.kind == ADAM) applyAdam(table, own)
  else applyOthers(table, own)
  store<i32>(own, 0)
}

function applyAdam(table: Table, own: usize): void {
  const t = load<i32>(steps) + 1
  startUpdate(t)
  const bytes = sumFloats(table) << 2
  const used = load<i32>(own)
  const numbers = numbersOf(table)
  let sum = own + table.toSums
  for (let first = 1; first <= used; first += STRIP) {
    const end = min(first + STRIP, used + 1)
    askBlocks(table, own, first, end)
    for (let n = first; n < end; n++) {
      const key = load<i32>(own + (n << 2))
      adamBlock(table, key, sum, 1, t)
      forget(table, numbers, key, n)
      sum += bytes
    }
  }
}

function applyOthers(table: Table, own: usize): void {
  const bytes = sumFloats(table) << 2
  const used = load<i32>(own)
  const numbers = numbersOf(table)
  for (let n = 1; n <= used; n++) {
    // The key's place takes the row, a list of one.
    const row = own + (n << 2)
    const key = load<i32>(row)
    store<i32>(row, key / table.blocks)
    updateRows(table, key % table.blocks, row, ONE, 1, own + table.toSums + (n - 1) * bytes)
    forget(table, numbers, key, n)
  }
}

/** Asks for touched blocks first … end-1, the first is 1. */
function askBlocks(table: Table, own: usize, first: i32, end: i32): void {
  const bytes = table.width << 2
  let seen = 0
  for (let n = first; n < end; n++) seen |= askRow(table, load<i32>(own + (n << 2)) * bytes, bytes)
  keep(seen)
}
