// The order in which the columns of item rows are scanned, and how they are scaled. A bound by norms is the tighter the
// more of a score is in the head of a row, so the columns come first in which rows and queries are both large. And a
// column that is large in rows and small in queries, or the other way round, is balanced: a product does not change
// when one side is divided by what the other is multiplied with.

export interface Columns {
  readonly order: Int32Array
  /** By column, of the rows; queries are divided by it. */
  readonly factors: Float32Array
}

/** Beyond, a factor would only bring rounding. */
const factorMax = 1e4

/** Mean squares by column of the rows and of the queries. */
export function arrangeColumns(rows: Float64Array, queries: Float64Array): Columns {
  const told = rows.map((square, column) => square * queries[column]!)
  const order = Int32Array.from(rows.keys()).sort((a, b) => told[b]! - told[a]! || a - b)
  const factors = Float32Array.from(rows, (square, column) => {
    const ratio = (queries[column]! / square) ** 0.25
    return Number.isFinite(ratio) ? Math.min(factorMax, Math.max(1 / factorMax, ratio)) : 1
  })
  return { order, factors }
}
