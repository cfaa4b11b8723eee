// Keeps a scan of the catalogue fresh while the networks learn: rows that a step has changed are put again before the
// next list, new ones are added a slice at a time, and the columns are arranged anew as more queries are known.

import type { ItemRows, ItemScan } from '../../ports/item-scan.ts'
import { arrangeColumns } from './columns.ts'

/** Lists until the columns are arranged, from then on at eight times as many, and at last every so many. */
const listsFirst = 16
const listsFactor = 8
const listsMax = 65_536
/** Rows of which the mean squares are taken. */
const sampledMax = 1_024
/** Rows that are added before a list: a share of the catalogue, so that it is done after so many lists. */
const slices = 64
const sliceMin = 2_048
/** Of the catalogue, how much may be looked at in full because it is not in the scan yet. */
const missingMax = 1 / 8

export interface ItemIndex {
  readonly columns: number
  /** A list of this query is made. Whether the scan is ready for it, with all rows as they are now. */
  ready(query: Float32Array, n: number): boolean
  /** Adds some of the rows that lists would have to wait for, while there is nothing else to do; whether it did. */
  prepare(n: number): boolean
}

export function createItemIndex(scan: ItemScan, networks: readonly ItemRows[]): ItemIndex {
  const widths = networks.flatMap((rows) => rows.widths)
  const columns = widths.reduce((sum, width) => sum + width, 0)
  const blocksOf = (first: number, count: number): Float32Array[] =>
    networks.flatMap((rows) => rows.blocks(first, count))
  const queries = createQuerySquares(columns)
  const changed = createChangedRows(scan, widths)
  let lists = 0
  let arrangeAt = listsFirst
  let isArranged = false

  function arrange(n: number): void {
    const { order, factors } = arrangeColumns(rowSquares(blocksOf, columns, n), queries.means())
    scan.arrange(widths, order, factors, n)
    queries.halve()
    isArranged = true
    changed.clear()
  }

  function extend(n: number, most: number): void {
    const first = scan.items
    const count = Math.min(n - first, most)
    if (count <= 0) return
    scan.put(blocksOf(first, count), first, count)
    changed.grow()
  }

  for (const rows of networks) {
    rows.watch((items) => {
      if (items === undefined) isArranged = false
      else if (isArranged) changed.note(items)
    })
  }

  return {
    columns,
    ready(query, n) {
      queries.add(query)
      lists++
      if (lists >= arrangeAt) {
        arrangeAt += Math.min(listsMax, (listsFactor - 1) * arrangeAt)
        isArranged = false
      }
      if (lists < listsFirst) return false
      if (!isArranged) arrange(n)
      if (n > scan.itemsMax) return false
      changed.putAgain(blocksOf)
      extend(n, Math.max(sliceMin, Math.ceil(n / slices)))
      return n - scan.items <= missingMax * n
    },
    prepare(n) {
      if (!isArranged || scan.items >= n || n > scan.itemsMax) return false
      extend(n, sliceMin)
      return true
    },
  }
}

type BlocksOf = (first: number, count: number) => Float32Array[]

/** The mean squares of the queries by column, those of earlier arrangements at half their weight. */
function createQuerySquares(columns: number) {
  const sums = new Float64Array(columns)
  let queries = 0

  return {
    add(query: Float32Array): void {
      for (let d = 0; d < columns; d++) sums[d]! += query[d]! * query[d]!
      queries++
    },
    means: (): Float64Array => sums.map((sum) => sum / queries),
    halve(): void {
      for (let d = 0; d < columns; d++) sums[d]! /= 2
      queries /= 2
    },
  }
}

/** Sums over a sample of the rows, by column. */
function rowSquares(blocksOf: BlocksOf, columns: number, n: number): Float64Array {
  const squares = new Float64Array(columns)
  const sampled = Math.min(n, sampledMax)
  for (let s = 0; s < sampled; s++) {
    let column = 0
    for (const row of blocksOf(Math.floor((s * n) / sampled), 1)) {
      for (let d = 0; d < row.length; d++) squares[column++]! += (row[d]! * row[d]!) / sampled
    }
  }
  return squares
}

/** Rows of the scan that steps have changed since they were put. */
function createChangedRows(scan: ItemScan, widths: readonly number[]) {
  const row = widths.map((width) => new Float32Array(width))
  let marks = new Uint8Array(1_024)
  let changed: number[] = []

  return {
    note(items: Int32Array): void {
      for (let x = 0; x < items.length; x++) {
        const item = items[x]!
        if (item >= scan.items || marks[item] === 1) continue
        marks[item] = 1
        changed.push(item)
      }
    },
    /** All rows are to be put anew. */
    clear(): void {
      marks.fill(0)
      changed = []
    },
    putAgain(blocksOf: BlocksOf): void {
      if (changed.length === 0) return
      const tables = blocksOf(0, scan.items)
      for (const item of changed) {
        marks[item] = 0
        // Copied by loops: a view of every piece of every row would take most of the time.
        for (let p = 0; p < row.length; p++) copyRow(tables[p]!, item, row[p]!)
        scan.put(row, item, 1)
      }
      changed = []
    },
    /** The scan has got more rows. */
    grow(): void {
      if (marks.length >= scan.items) return
      const more = new Uint8Array(2 * scan.items)
      more.set(marks)
      marks = more
    },
  }
}

/** row = the item's row of a table of rows as wide. */
function copyRow(table: Float32Array, item: number, row: Float32Array): void {
  const width = row.length
  const from = item * width
  for (let d = 0; d < width; d++) row[d] = table[from + d]!
}
