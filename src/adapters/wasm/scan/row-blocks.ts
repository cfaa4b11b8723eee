// Brings rows of floats into the memory of a scan, a block at a time, and has them made bytes there.

import { blockRows, type ScanMemory } from './scan-memory.ts'

/** How rows are made of columns: the widths of their pieces, and by column its place in the order and its factor. */
export interface RowColumns {
  readonly widths: readonly number[]
  readonly order: Int32Array
  readonly factors: Float32Array
}

export interface RowBlocks {
  /** Rows of items first … first+count-1, piece by piece (count × width). */
  put(pieces: readonly Float32Array[], first: number, count: number): void
}

/** `memory` is arranged for these columns. */
export function createRowBlocks(memory: ScanMemory, columns: RowColumns): RowBlocks {
  const { at } = memory
  const { widths, order, factors } = columns
  /** Rows of a block that the places of its columns are written for. */
  let placed = 0

  /** Where the columns of a block of so many rows are read. */
  function placeColumns(rows: number): void {
    const places: number[] = []
    const strides: number[] = []
    let to = at.block
    for (const width of widths) {
      for (let column = 0; column < width; column++) {
        places.push(to + 4 * column)
        strides.push(4 * width)
      }
      to += 4 * width * rows
    }
    order.forEach((column, d) => {
      memory.ints[at.sources / 4 + d] = places[column]!
      memory.ints[at.strides / 4 + d] = strides[column]!
      memory.floats[at.factors / 4 + d] = factors[column]!
    })
    placed = rows
  }

  return {
    put(pieces, first, count) {
      for (let done = 0; done < count; done += blockRows) {
        const rows = Math.min(blockRows, count - done)
        if (placed !== rows) placeColumns(rows)
        let to = at.block
        widths.forEach((width, p) => {
          const piece = pieces[p]!
          const [start, end] = [done * width, (done + rows) * width]
          const isWhole = start === 0 && end === piece.length
          memory.floats.set(isWhole ? piece : piece.subarray(start, end), to / 4)
          to += 4 * width * rows
        })
        memory.quantize(first + done, rows)
      }
    },
  }
}
