// How much of a move counts. Workers that learn the same row at the same time move it the same way: the sum of their
// moves would go too far, the mean not far enough. A row that c workers have moved gets each move divided by √c. c
// counts the author, and those whose records stand behind the author's previous one and moved the row, too. All readers
// of the log agree on it.

import type { Tensor } from '../ports/checkpoint-store.ts'
import type { SavedLedger } from './ledger.ts'
import type { MovedSet } from './naming.ts'

/** Records that are looked back at, at most. */
const recordsMax = 64

/** A record that counts: who has moved which rows, by the reader's own numbers. */
export interface RecentRecord {
  readonly author: string
  readonly rows: ReadonlyMap<string, Int32Array>
}

export interface Shares {
  /** By table, what each move of the next record of the log counts. */
  next(author: string, moved: MovedSet): ReadonlyMap<string, Float64Array>
  /** The newest last. */
  readonly recent: readonly RecentRecord[]
  restore(recent: readonly RecentRecord[]): void
}

export function createShares(): Shares {
  let recent: RecentRecord[] = []
  /** By row, how many others have moved it, and the last of those who are counted. 0 for all rows between two calls. */
  let movers = new Uint8Array(0)
  let lastMover = new Uint8Array(0)

  /** Counts others who have moved rows of the table, and returns those rows. */
  function countMovers(
    byAuthor: readonly (readonly RecentRecord[])[],
    table: string,
  ): Int32Array[] {
    const seen: Int32Array[] = []
    byAuthor.forEach((records, a) => {
      for (const { rows: all } of records) {
        const rows = all.get(table)
        if (rows === undefined) continue
        seen.push(rows)
        for (let k = 0; k < rows.length; k++) {
          const row = rows[k]!
          if (row >= movers.length) grow(row + 1)
          if (lastMover[row] === a + 1) continue
          lastMover[row] = a + 1
          movers[row]!++
        }
      }
    })
    return seen
  }

  function grow(rows: number): void {
    const length = Math.max(rows, 2 * movers.length)
    const [old, oldLast] = [movers, lastMover]
    movers = new Uint8Array(length)
    lastMover = new Uint8Array(length)
    movers.set(old)
    lastMover.set(oldLast)
  }

  function sharesOf(rows: Int32Array): Float64Array {
    const shares = new Float64Array(rows.length)
    for (let k = 0; k < rows.length; k++) shares[k] = 1 / Math.sqrt(1 + (movers[rows[k]!] ?? 0))
    return shares
  }

  return {
    next(author, moved) {
      const since = recent.slice(recent.findLastIndex((one) => one.author === author) + 1)
      const authors = [...new Set(since.map((one) => one.author))]
      const byAuthor = authors.map((other) => since.filter((one) => one.author === other))
      const shares = new Map<string, Float64Array>()
      for (const [table, { rows }] of moved) {
        const seen = countMovers(byAuthor, table)
        shares.set(table, sharesOf(rows))
        for (const those of seen) for (const row of those) movers[row] = lastMover[row] = 0
      }
      recent.push({ author, rows: new Map([...moved].map(([table, { rows }]) => [table, rows])) })
      if (recent.length > recordsMax) recent = recent.slice(-recordsMax)
      return shares
    },
    get recent() {
      return recent
    },
    restore(saved) {
      recent = [...saved]
    },
  }
}

/** What a checkpoint holds of a member of a group beside the bases of its tables and recentTensor(): plain JSON. */
export interface SavedMember {
  readonly ledger: SavedLedger
  /** Of the records that are looked back at, the newest last. */
  readonly authors: readonly string[]
}

const name = 'updates.recent'

/** Of each record and each table how many rows it has moved, and these. */
export function recentTensor(
  recent: readonly RecentRecord[],
  tables: ReadonlyMap<string, unknown>,
): Map<string, Tensor> {
  const lists = recent.flatMap(({ rows }) => {
    return [...tables.keys()].map((table) => rows.get(table) ?? new Int32Array(0))
  })
  const data = new Int32Array(lists.reduce((sum, { length }) => sum + 1 + length, 0))
  let at = 0
  for (const rows of lists) {
    data[at] = rows.length
    data.set(rows, at + 1)
    at += 1 + rows.length
  }
  return new Map([[name, { shape: [data.length], data }]])
}

export function recentFrom(
  authors: readonly string[],
  tensors: ReadonlyMap<string, Tensor>,
  tables: ReadonlyMap<string, unknown>,
): RecentRecord[] {
  const data = (tensors.get(name)?.data ?? new Int32Array(0)) as Int32Array
  let at = 0
  return authors.map((author) => {
    const rows = new Map<string, Int32Array>()
    for (const table of tables.keys()) {
      const length = data[at] ?? 0
      rows.set(table, data.slice(at + 1, at + 1 + length))
      at += 1 + length
    }
    return { author, rows }
  })
}
