// Brings rows of floats into the memory of a scan, a block at a time, and has them made bytes there.

import { blockRows, type ScanMemory } from './scan-memory.ts'

/** How rows are made of columns: their order, and a factor for each. */
export interface Columns {
  readonly order: Int32Array
  readonly factors: Float32Array
}

/** Where the columns of a block of rows are read; pieces lie one after the other, each with room for a whole block. */
export function writePlaces(
  memory: ScanMemory,
  widths: readonly number[],
  { order, factors }: Columns,
  places: number,
): void {
  const from: number[] = []
  const strides: number[] = []
  let piece = memory.at.block
  for (const width of widths) {
    for (let column = 0; column < width; column++) {
      from.push(piece + 4 * column)
      strides.push(4 * width)
    }
    piece += 4 * width * blockRows
  }
  const columns = order.length
  order.forEach((column, d) => {
    memory.ints[places / 4 + d] = from[column]!
    memory.ints[places / 4 + columns + d] = strides[column]!
    memory.floats[places / 4 + 2 * columns + d] = factors[column]!
  })
}

/** Rows of items first … first+count-1. */
export function putBlock(
  memory: ScanMemory,
  widths: readonly number[],
  pieces: readonly Float32Array[],
  { first, count, places }: { first: number; count: number; places: number },
): void {
  for (let done = 0; done < count; done += blockRows) {
    const rows = Math.min(blockRows, count - done)
    let to = memory.at.block / 4
    widths.forEach((width, p) => {
      memory.floats.set(pieces[p]!.subarray(done * width, (done + rows) * width), to)
      to += width * blockRows
    })
    for (let row = 0; row < rows; row++) memory.ints[memory.at.ids / 4 + row] = first + done + row
    memory.quantize(rows, places)
  }
}

/** Rows of these items out of tables that begin with item 0. */
export function putItems(
  memory: ScanMemory,
  widths: readonly number[],
  tables: readonly Float32Array[],
  { items, places }: { items: readonly number[]; places: number },
): void {
  const { floats, ints, at } = memory
  for (let done = 0; done < items.length; done += blockRows) {
    const rows = Math.min(blockRows, items.length - done)
    for (let row = 0; row < rows; row++) ints[at.ids / 4 + row] = items[done + row]!
    let to = at.block / 4
    for (let p = 0; p < widths.length; p++) {
      const [table, width] = [tables[p]!, widths[p]!]
      // Copied by loops: a view of every piece of every row would take most of the time.
      for (let row = 0; row < rows; row++) {
        const from = items[done + row]! * width
        for (let d = 0; d < width; d++) floats[to + row * width + d] = table[from + d]!
      }
      to += width * blockRows
    }
    memory.quantize(rows, places)
  }
}
