// Brings the rows of draws up to date before they are learned from: Adam moves a row in every update, so a row that was
// not touched has missed some (adam-catch-up.ts). Draws are handled in groups: first all rows of a group are
// prefetched, then they are brought up to date one after the other.

import {
  blockCount, choices, hasHistory, listCounts, listRows, listStride, negatives, positives, userRows,
} from '../globals'
import { ADAM, Table, itemBias, itemsD, itemsN, sourceD, sourceN } from '../records'
import { ownsRow } from '../thread-pool'
import { candidatesOf } from '../scores/learn-draw'
import { readSources } from '../user/history'
import { catchUpRow } from './adam-catch-up'
import { GROUP, keepPrefetched, prefetchRow } from './prefetch'

/** Brings this thread's rows of draws from … to-1 up to date. */
export function catchUpDraws(from: i32, to: i32): void {
  const sources = canMissUpdates(sourceN) || canMissUpdates(sourceD)
  if (!sources && !canMissUpdates(itemsN) && !canMissUpdates(itemsD) && !canMissUpdates(itemBias)) return
  for (let first = from; first < to; first += GROUP) {
    const end = min(first + GROUP, to)
    prefetchDraws(first, end)
    if (!hasHistory && areComplete(first, end)) catchUpGroup(first, end)
    else for (let k = first; k < end; k++) catchUpDraw(k)
  }
}

/** Only tables with Adam can miss updates. */
// @ts-ignore: decorator
@inline
function canMissUpdates(table: Table): bool {
  return table.kind == ADAM
}

/** Rows of histories are not prefetched: they are many, and most of them are shared by several draws. */
function prefetchDraws(from: i32, to: i32): void {
  const loaded = prefetchItems(itemsN, from, to) | prefetchItems(itemsD, from, to)
  const users = userRows + (from << 2)
  const count = to - from
  if (hasHistory) keepPrefetched(loaded)
  else keepPrefetched(loaded | prefetchRows(sourceN, users, count) | prefetchRows(sourceD, users, count))
}

function prefetchItems(table: Table, from: i32, to: i32): i32 {
  const each = negatives * choices
  const count = to - from
  return prefetchRows(table, positives + (from << 2), count) | prefetchRows(table, candidatesOf(from), count * each)
}

function prefetchRows(table: Table, rows: usize, count: i32): i32 {
  if (!canMissUpdates(table)) return 0
  const bytes = table.columns << 2
  let loaded = 0
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const row = load<i32>(rows + l)
    if (row < 0 || !ownsRow(row)) continue
    const key = (row * table.blocks) << 2
    loaded |= load<i32>(table.last + key) | prefetchRow(table, row * bytes, bytes)
  }
  return loaded
}

/**
 * Whether every draw has all of its candidates. Then each draw learns, and the arrays of the batch are the lists of
 * rows.
 */
function areComplete(from: i32, to: i32): bool {
  let signs = 0
  for (let at = candidatesOf(from), end = candidatesOf(to); at < end; at += 4) signs |= load<i32>(at)
  return signs >= 0
}

function catchUpGroup(from: i32, to: i32): void {
  const count = to - from
  const users = userRows + (from << 2)
  catchUpRows(sourceN, users, count)
  catchUpRows(sourceD, users, count)
  const first = positives + (from << 2)
  const others = candidatesOf(from)
  const all = count * negatives * choices
  catchUpItems(itemsN, first, count, others, all)
  catchUpItems(itemsD, first, count, others, all)
  catchUpItems(itemBias, first, count, others, all)
}

/** A draw without a candidate learns nothing, so its rows stay as they are. */
function catchUpDraw(k: i32): void {
  const first = candidatesOf(k)
  const each = negatives * choices
  let found = false
  for (let c = 0; c < each; c++) if (load<i32>(first + (c << 2)) >= 0) found = true
  if (!found) return
  if (canMissUpdates(sourceN) || canMissUpdates(sourceD)) {
    readSources(k)
    for (let b = 0; b < blockCount; b++) {
      const rows = listRows + ((b * listStride) << 2)
      const count = load<i32>(listCounts + (b << 2))
      catchUpRows(sourceN, rows, count)
      catchUpRows(sourceD, rows, count)
    }
  }
  const positive = positives + (k << 2)
  catchUpItems(itemsN, positive, 1, first, each)
  catchUpItems(itemsD, positive, 1, first, each)
  catchUpItems(itemBias, positive, 1, first, each)
}

function catchUpItems(table: Table, first: usize, count: i32, others: usize, all: i32): void {
  catchUpRows(table, first, count)
  catchUpRows(table, others, all)
}

function catchUpRows(table: Table, rows: usize, count: i32): void {
  if (!canMissUpdates(table)) return
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const row = load<i32>(rows + l)
    if (row >= 0 && ownsRow(row)) catchUpRow(table, row)
  }
}
