// How much of a move counts. Workers that learn the same row at the same time move it the same way: the sum of their
// moves would go too far, the mean not far enough. A row that c workers have moved gets each move divided by √c. c
// counts the author, and those whose records stand behind the author's previous one and moved the row, too. All readers
// of the log agree on it.

/** Records that are looked back at, at most. */
const recordsMax = 64

interface Recent {
  readonly author: string
  readonly rows: ReadonlyMap<string, ReadonlySet<number>>
}

export interface Shares {
  /** What one record's moves count: call it for all of its rows before add(). */
  of(author: string): (table: string, row: number) => number
  /** The record moved these rows, by the reader's own numbers. */
  add(author: string, rows: ReadonlyMap<string, ReadonlySet<number>>): void
}

export function createShares(): Shares {
  let recent: Recent[] = []
  return {
    of(author) {
      const own = recent.findLastIndex((one) => one.author === author)
      const since = recent.slice(own + 1)
      const authors = [...new Set(since.map((one) => one.author))]
      const byAuthor = authors.map((other) => since.filter((one) => one.author === other))
      return (table, row) => {
        let movers = 1
        for (const records of byAuthor) {
          if (records.some(({ rows }) => rows.get(table)?.has(row))) movers++
        }
        return 1 / Math.sqrt(movers)
      }
    },
    add(author, rows) {
      recent.push({ author, rows })
      if (recent.length > recordsMax) recent = recent.slice(-recordsMax)
    },
  }
}

/** The tables and rows of a set of moves. */
export function rowsOf(
  moved: ReadonlyMap<string, { readonly rows: Int32Array }>,
): Map<string, Set<number>> {
  return new Map([...moved].map(([table, { rows }]) => [table, new Set(rows)]))
}
