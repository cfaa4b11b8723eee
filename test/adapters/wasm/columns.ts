// Columns of made-up numbers that change, and what terms of them add by plain arithmetic.

import { createColumn, type WritableColumn } from '../../../src/learn/parts/item-column.ts'
import type { ColumnTerm } from '../../../src/ports/catalogue.ts'

/** A column of up to `items` numbers, shorter than the catalogue now and then. */
export function columnOf(next: () => number, items: number, spread: number): WritableColumn {
  const column = createColumn()
  column.grow(Math.floor(1.2 * items * next()))
  column.renewed(next() < 0.5 ? 0 : 10 * next())
  const known = Math.min(items, column.values.length)
  for (let i = 0; i < known; i++) column.set(i, 10 ** (spread * (next() - 0.5)))
  return column
}

/** Some of its numbers become others, all of them do, or it grows. */
export function change(column: WritableColumn, next: () => number): void {
  const kind = next()
  const { length } = column.values
  if (kind < 0.2) column.grow(length + 1)
  else if (kind < 0.4) column.renewed(3 * next())
  for (let n = 0; n < 30 * kind; n++) column.set(Math.floor(next() * length), 20 * next())
}

/** As parts add them: in doubles, rounded once. */
export function sumOf(terms: readonly ColumnTerm[], item: number): number {
  const each = terms.map(({ column, weight, origin }) => {
    return weight * Math.abs((column.values[item] ?? column.others) - origin)
  })
  return each.reduce((sum, one) => sum + one, 0)
}
