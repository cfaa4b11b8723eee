// Brings rows up to now before draws read them: Adam moves a row in every update, and a row that was not touched has
// missed some (adam.ts).
//
// A strip of draws first asks for all of its rows (ahead.ts), then settles one after the other.

import {
  ADAM, Table, blockCount, choices, hasHistory, itemBias, itemsD, itemsN, listCounts, listRows, negatives, positives,
  sourceD, sourceN, stride, userRows,
} from './memory'
import { settleRow } from './drift'
import { STRIP, ask, keep } from './ahead'
import { owns } from './crew'
import { readSources } from './history'
import { candidatesOf } from './total'

/** Brings this member's rows of draws from … to-1 up to now. */
export function settle(from: i32, to: i32): void {
  if (!(lags(sourceN) || lags(itemsN) || lags(sourceD) || lags(itemsD) || lags(itemBias))) return
  for (let first = from; first < to; first += STRIP) {
    const end = min(first + STRIP, to)
    let seen = 0
    for (let k = first; k < end; k++) seen |= askDraw(k)
    keep(seen)
    for (let k = first; k < end; k++) settleDraw(k)
  }
}

/** Only tables with Adam can lag. */
// @ts-ignore: decorator
@inline
function lags(table: Table): bool {
  return table.kind == ADAM
}

/** Not of histories: their rows are many, and most are shared. */
function askDraw(k: i32): i32 {
  let seen = askItems(itemsN, k) | askItems(itemsD, k)
  if (hasHistory) return seen
  const user = userRows + (k << 2)
  return seen | askRows(sourceN, user, 1) | askRows(sourceD, user, 1)
}

function askItems(table: Table, k: i32): i32 {
  return askRows(table, positives + (k << 2), 1) | askRows(table, candidatesOf(k), negatives * choices)
}

function askRows(table: Table, rows: usize, count: i32): i32 {
  if (!lags(table)) return 0
  const bytes = table.columns << 2
  let seen = 0
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const row = load<i32>(rows + l)
    if (row < 0 || !owns(row)) continue
    const key = (row * table.blocks) << 2
    seen |= load<i32>(table.last + key) | ask(table, row * bytes, bytes)
  }
  return seen
}

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
  settleItems(itemsN, k, first, each)
  settleItems(itemsD, k, first, each)
  settleItems(itemBias, k, first, each)
}

function settleItems(table: Table, k: i32, first: usize, each: i32): void {
  settleRows(table, positives + (k << 2), 1)
  settleRows(table, first, each)
}

function settleRows(table: Table, rows: usize, count: i32): void {
  if (!lags(table)) return
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const row = load<i32>(rows + l)
    if (row >= 0 && owns(row)) settleRow(table, row)
  }
}
