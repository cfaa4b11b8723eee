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
  const row = widths.map((width) => new Float32Array(width))
  const columns = widths.reduce((sum, width) => sum + width, 0)
  const querySquares = new Float64Array(columns)
  /** Queries in querySquares, those of earlier arrangements at half their weight. */
  let queries = 0
  let lists = 0
  let arrangeAt = listsFirst
  let isArranged = false
  let marks = new Uint8Array(1_024)
  let changed: number[] = []

  function note(items: Int32Array | undefined): void {
    if (items === undefined) {
      isArranged = false
      return
    }
    if (!isArranged) return
    for (let x = 0; x < items.length; x++) {
      const item = items[x]!
      if (item >= scan.items || marks[item] === 1) continue
      marks[item] = 1
      changed.push(item)
    }
  }

  function blocksOf(first: number, count: number): Float32Array[] {
    return networks.flatMap((rows) => rows.blocks(first, count))
  }

  function rowSquares(n: number): Float64Array {
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

  function arrange(n: number): void {
    const means = querySquares.map((square) => square / queries)
    const { order, factors } = arrangeColumns(rowSquares(n), means)
    scan.arrange(widths, order, factors, n)
    querySquares.forEach((square, column) => {
      querySquares[column] = square / 2
    })
    queries /= 2
    isArranged = true
    marks.fill(0)
    changed = []
  }

  function renew(): void {
    if (changed.length === 0) return
    const tables = blocksOf(0, scan.items)
    for (const item of changed) {
      marks[item] = 0
      // Copied by loops: a view of every piece of every row would take most of the time.
      for (let p = 0; p < row.length; p++) copyRow(tables[p]!, item, row[p]!)
      scan.put(row, item, 1)
    }
    changed = []
  }

  function extend(n: number, most: number): void {
    const first = scan.items
    const count = Math.min(n - first, most)
    if (count <= 0) return
    scan.put(blocksOf(first, count), first, count)
    if (marks.length >= scan.items) return
    const more = new Uint8Array(2 * scan.items)
    more.set(marks)
    marks = more
  }

  for (const rows of networks) rows.watch(note)

  return {
    columns,
    ready(query, n) {
      for (let d = 0; d < columns; d++) querySquares[d]! += query[d]! * query[d]!
      queries++
      lists++
      if (lists >= arrangeAt) {
        arrangeAt += Math.min(listsMax, (listsFactor - 1) * arrangeAt)
        isArranged = false
      }
      if (lists < listsFirst) return false
      if (!isArranged) arrange(n)
      if (n > scan.itemsMax) return false
      renew()
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

/** row = the item's row of a table of rows as wide. */
function copyRow(table: Float32Array, item: number, row: Float32Array): void {
  const width = row.length
  const from = item * width
  for (let d = 0; d < width; d++) row[d] = table[from + d]!
}
