// What several records of the log do to the rows of one table: sums by row, so that each row is written to once.

import type { Moved } from './naming.ts'
import { longer } from './rows.ts'

export class RowSums {
  /** Row k of the sums is that of rows[k] of the table. */
  sums = new Float32Array(0)
  private readonly width: number
  private places = new Int32Array(0)
  private touched: number[] = []

  constructor(width: number) {
    this.width = width
  }

  get bytes(): number {
    return this.sums.byteLength + this.places.byteLength
  }

  /** Where the sums of the row begin; they begin with 0. */
  of(row: number): number {
    const { width } = this
    if (row >= this.places.length) this.grow(row + 1)
    let place = this.places[row]!
    if (place >= 0) return place * width
    place = this.touched.push(row) - 1
    this.places[row] = place
    const end = (place + 1) * width
    if (end > this.sums.length) this.sums = longer(this.sums, 2 * end)
    this.sums.fill(0, place * width, end)
    return place * width
  }

  subtract({ rows, values }: Moved): void {
    const { width } = this
    for (let k = 0; k < rows.length; k++) {
      const into = this.of(rows[k]!)
      const { sums } = this
      for (let d = 0; d < width; d++) sums[into + d]! -= values[k * width + d]!
    }
  }

  /** The rows that have sums, in their order. */
  rows(): Int32Array<ArrayBuffer> {
    return Int32Array.from(this.touched)
  }

  clear(): void {
    for (const row of this.touched) this.places[row] = -1
    this.touched = []
  }

  private grow(rows: number): void {
    const more = new Int32Array(Math.max(rows, 2 * this.places.length)).fill(-1)
    more.set(this.places)
    this.places = more
  }
}
