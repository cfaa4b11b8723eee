// Brings rows up to now before draws read them: Adam moves a row in every update, and a row that was not touched has
// missed some (drift.ts).
//
// A strip of draws first asks for all of its rows (ahead.ts), then settles one after the other.

import {
  ADAM, Table, blockCount, choices, hasHistory, itemBias, itemsD, itemsN, listCounts, listRows, negatives, positives,
  sourceD, sourceN, stride, userRows,
} from '../memory'
import { settleRow } from './adam-catch-up'
import { STRIP, askRow, keep } from './prefetch'
import { owns } from '../thread-pool'
import { readSources } from '../user/history'
import { candidatesOf } from '../scores/learn-draw'

/** Brings this member's rows of draws from … to-1 up to now. */
export function settle(from: i32, to: i32): void {
  if (!(lags(sourceN) || lags(itemsN) || lags(sourceD) || lags(itemsD) || lags(itemBias))) return
  for (let first = from; first < to; first += STRIP) {
    const end = min(first + STRIP, to)
    ask(first, end)
    if (!hasHistory && areComplete(first, end)) settleStrip(first, end)
    else for (let k = first; k < end; k++) settleDraw(k)
  }
}

/** Only tables with Adam can lag. */
// @ts-ignore: decorator
@inline
function lags(table: Table): bool {
  return table.kind == ADAM
}

/** Not for rows of histories: they are many, and most are shared. */
function ask(from: i32, to: i32): void {
  const seen = askItems(itemsN, from, to) | askItems(itemsD, from, to)
  const users = userRows + (from << 2)
  keep(hasHistory ? seen : seen | askRows(sourceN, users, to - from) | askRows(sourceD, users, to - from))
}

function askItems(table: Table, from: i32, to: i32): i32 {
  const each = negatives * choices
  return askRows(table, positives + (from << 2), to - from) | askRows(table, candidatesOf(from), (to - from) * each)
}

function askRows(table: Table, rows: usize, count: i32): i32 {
  if (!lags(table)) return 0
  const bytes = table.columns << 2
  let seen = 0
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const row = load<i32>(rows + l)
    if (row < 0 || !owns(row)) continue
    const key = (row * table.blocks) << 2
    seen |= load<i32>(table.last + key) | askRow(table, row * bytes, bytes)
  }
  return seen
}

/** Whether every draw has all of its candidates: then each learns, and the batch's own arrays are the lists of rows. */
function areComplete(from: i32, to: i32): bool {
  let signs = 0
  for (let at = candidatesOf(from), end = candidatesOf(to); at < end; at += 4) signs |= load<i32>(at)
  return signs >= 0
}

function settleStrip(from: i32, to: i32): void {
  const count = to - from
  const users = userRows + (from << 2)
  settleRows(sourceN, users, count)
  settleRows(sourceD, users, count)
  const first = positives + (from << 2)
  const others = candidatesOf(from)
  const all = count * negatives * choices
  settleItems(itemsN, first, count, others, all)
  settleItems(itemsD, first, count, others, all)
  settleItems(itemBias, first, count, others, all)
}

/** A draw without a candidate learns nothing, and its rows stay as they are. */
function settleDraw(k: i32): void {
  const first = candidatesOf(k)
  const each = negatives * choices
  let found = false
  for (let c = 0; c < each; c++) if (load<i32>(first + (c << 2)) >= 0) found = true
  if (!found) return
  if (lags(sourceN) || lags(sourceD)) {
    readSources(k)
    for (let b = 0; b < blockCount; b++) {
      const rows = listRows + ((b * stride) << 2)
      const count = load<i32>(listCounts + (b << 2))
      settleRows(sourceN, rows, count)
      settleRows(sourceD, rows, count)
    }
  }
  const positive = positives + (k << 2)
  settleItems(itemsN, positive, 1, first, each)
  settleItems(itemsD, positive, 1, first, each)
  settleItems(itemBias, positive, 1, first, each)
}

function settleItems(table: Table, first: usize, count: i32, others: usize, all: i32): void {
  settleRows(table, first, count)
  settleRows(table, others, all)
}

function settleRows(table: Table, rows: usize, count: i32): void {
  if (!lags(table)) return
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const row = load<i32>(rows + l)
    if (row >= 0 && owns(row)) settleRow(table, row)
  }
}
