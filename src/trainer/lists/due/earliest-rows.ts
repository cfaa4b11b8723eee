// Rows by the record that they are due since, the earliest of each stream first. What may be committed is asked several
// times a second, and a million users may wait: to ask takes one look for each stream, and a user who comes or goes a
// few dozen.

import { longer } from '../../../arrays.ts'
import type { DueRows } from './due-rows.ts'

/** A binary heap: no row is due since an earlier record than the one at half its place. */
interface Heap {
  rows: Int32Array
  size: number
}

const rowsFirst = 256

export class EarliestRows {
  private readonly rows: DueRows
  /** By the number of the stream. */
  private readonly heaps: Heap[] = []

  /** `mark` of a row that was added is its place in the heap of its stream. */
  constructor(rows: DueRows) {
    this.rows = rows
  }

  add(row: number): void {
    const heap = this.heapOf(row)
    if (heap.size === heap.rows.length) heap.rows = longer(heap.rows, 2 * heap.size)
    this.rise(heap, heap.size++, row)
  }

  /** To be called before the row is due for something else. */
  remove(row: number): void {
    const heap = this.heapOf(row)
    const at = this.rows.get(row, 'mark')
    const last = heap.rows[--heap.size]!
    if (last === row) return
    if (this.rows.since(last) < this.rows.since(row)) this.rise(heap, at, last)
    else this.sink(heap, at, last)
  }

  /** Moves positions back before the first record that any of the rows is due for. */
  limit(positions: Map<string, number>): void {
    this.heaps.forEach(({ rows, size }, stream) => {
      if (size === 0) return
      const name = this.rows.streamName(stream)
      const at = positions.get(name)
      const first = this.rows.since(rows[0]!)
      if (at !== undefined && first < at) positions.set(name, first)
    })
  }

  private heapOf(row: number): Heap {
    const stream = this.rows.get(row, 'stream')
    while (this.heaps.length <= stream) {
      this.heaps.push({ rows: new Int32Array(rowsFirst), size: 0 })
    }
    return this.heaps[stream]!
  }

  /** Puts the row at a place that is free, or at one nearer to the first. */
  private rise({ rows }: Heap, free: number, row: number): void {
    const since = this.rows.since(row)
    let at = free
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.rows.since(rows[parent]!) <= since) break
      this.place(rows, at, rows[parent]!)
      at = parent
    }
    this.place(rows, at, row)
  }

  /** Puts the row at a place that is free, or at one further from the first. */
  private sink({ rows, size }: Heap, free: number, row: number): void {
    const since = this.rows.since(row)
    let at = free
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      const other = child + 1
      if (other < size && this.rows.since(rows[other]!) < this.rows.since(rows[child]!)) {
        child = other
      }
      if (since <= this.rows.since(rows[child]!)) break
      this.place(rows, at, rows[child]!)
      at = child
    }
    this.place(rows, at, row)
  }

  private place(rows: Int32Array, at: number, row: number): void {
    rows[at] = row
    this.rows.set(row, 'mark', at)
  }
}
