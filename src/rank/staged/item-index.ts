// Keeps a scan of the catalogue fresh while the networks learn, in steps of a few milliseconds: rows that have changed
// are put again before the next list; new ones, and what a long time without lists has changed, are put, and all are
// arranged anew as more queries are known, a slice at a time. Lists are ranked from the scan meanwhile.

import type { ItemRows, ItemScan } from '../../ports/catalogue.ts'
import { arrangeColumns } from './columns.ts'

/** Lists until the columns are first arranged for their queries. */
const listsFirst = 16
/** They are arranged again after this many times as many lists. */
const listsFactor = 8
/** The most lists from one arrangement to the next. */
const listsMax = 65_536
/** Rows of which the mean squares are taken. */
const sampledMax = 1_024
/** Rows that are made in a step, a multiple of four: some three milliseconds. */
const slice = 2_048
/** Changed rows that are put again for one list. Where there are more, it looks at all items. */
const changedMax = 4_096
/**
 * What may be looked at in full for a list because it is not in the scan yet: of a catalogue this share, and no more
 * items than this, since an eighth of a million takes a third of a second.
 */
const [missingShareMax, missingMax] = [1 / 8, 4_096]

export interface ItemIndex {
  readonly columns: number
  /** A list of this query is made. Whether the scan is ready for it, with all rows as they are now. */
  ready(query: Float32Array, n: number): boolean
  /** Takes a step of the work that makes later lists quicker; whether there was any. */
  prepare(n: number): boolean
  /** Whether a list over n items would have to look at all of them, until more steps were taken. */
  lacks(n: number): boolean
}

export interface ItemIndexOptions {
  /**
   * Queries such as lists are likely to ask, each valid until the next: asked before any list was made. With columns
   * that are arranged for no query in particular, a list scores many times as many items.
   */
  readonly examples?: () => Iterable<Float32Array>
}

export function createItemIndex(
  scan: ItemScan,
  networks: readonly ItemRows[],
  { examples = () => [] }: ItemIndexOptions = {},
): ItemIndex {
  const widths = networks.flatMap((rows) => rows.widths)
  const columns = widths.reduce((sum, width) => sum + width, 0)
  const blocksOf = (first: number, count: number): Float32Array[] =>
    networks.flatMap((rows) => rows.blocks(first, count))
  const queries = createQuerySquares(columns)
  const changed = createChangedRows(scan)
  let lists = 0
  let arrangeAt = listsFirst
  /** The scan has the columns in some order. */
  let isArranged = false
  /** They are to be arranged anew. */
  let isDue = false

  function learnExamples(): void {
    for (const query of examples()) queries.add(query)
    // The first lists tell little more.
    if (queries.count > 0) arrangeAt = listsFirst * listsFactor
  }

  function arrange(n: number): void {
    if (queries.count === 0) learnExamples()
    const { order, factors } = arrangeColumns(rowSquares(blocksOf, columns, n), queries.means())
    if (isArranged) scan.rearrange(order, factors)
    else {
      scan.arrange(widths, order, factors, n)
      changed.clear()
    }
    queries.halve()
    isArranged = true
    isDue = false
  }

  /** Whether there was anything to do. */
  function step(n: number): boolean {
    if (n === 0) return false
    if (!isArranged) arrange(n)
    if (n > scan.itemsMax) return false
    const { items, renewed } = scan
    if (items < n) {
      const count = Math.min(slice, n - items)
      scan.put(blocksOf(items, count), items, count)
      changed.grow()
      return true
    }
    if (renewed < items) {
      const count = Math.min(slice, items - renewed)
      scan.renew(blocksOf(renewed, count), count)
      return true
    }
    if (changed.count > changedMax) {
      changed.putAgain(blocksOf, slice)
      return true
    }
    if (isDue) arrange(n)
    return isDue
  }

  const lacks = (n: number): boolean => {
    const missing = n - scan.items
    const most = Math.min(missingMax, missingShareMax * n)
    return !isArranged || missing > most || changed.count > changedMax
  }

  for (const rows of networks) {
    rows.watch((items) => {
      if (items === undefined) isArranged = false
      else if (isArranged) changed.note(items)
    })
  }

  return {
    columns,
    lacks: (n) => lacks(n) && !(isArranged && n > scan.itemsMax),
    ready(query, n) {
      queries.add(query)
      lists++
      if (lists >= arrangeAt) {
        arrangeAt += Math.min(listsMax, (listsFactor - 1) * arrangeAt)
        isDue = true
      }
      step(n)
      if (n > scan.itemsMax || lacks(n)) return false
      changed.putAgain(blocksOf, changedMax)
      return true
    },
    prepare: step,
  }
}

type BlocksOf = (first: number, count: number) => Float32Array[]

/** The mean squares of the queries by column, those of earlier arrangements at half their weight. */
function createQuerySquares(columns: number) {
  const sums = new Float64Array(columns)
  let queries = 0

  return {
    get count() {
      return queries
    },
    add(query: Float32Array): void {
      for (let d = 0; d < columns; d++) sums[d]! += query[d]! * query[d]!
      queries++
    },
    /** Alike while there is none. */
    means: (): Float64Array => sums.map((sum) => (queries > 0 ? sum / queries : 1)),
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
function createChangedRows(scan: ItemScan) {
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
    get count() {
      return changed.length
    },
    /** Those that have changed last, at most `most`. */
    putAgain(blocksOf: BlocksOf, most: number): void {
      if (changed.length === 0) return
      const some = changed.splice(Math.max(0, changed.length - most))
      scan.putAgain(blocksOf(0, scan.items), some)
      for (const item of some) marks[item] = 0
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
