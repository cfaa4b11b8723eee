// Rows of parameters with their gradients and Adam (β .9/.999, ε 1e-7); only the touched rows are updated.
// A row is also one unit of a dense layer. The model decides in which order it calls.

import type { Random } from '../../sample/random.ts'

export interface Table {
  readonly width: number
  readonly weights: Float32Array
  /** Sums of this batch; add to row r at r·width after touch(r). */
  readonly gradient: Float32Array
  touch(row: number): void
  /** One Adam step on every touched row; clears the gradients. `step` counts from 1. */
  apply(rate: number, step: number): void
}

/** Rows start N(0, noise²). */
export function createTable(rows: number, width: number, noise: number, random: Random): Table {
  const weights = Float32Array.from({ length: rows * width }, () => noise * random.normal())
  const gradient = new Float32Array(rows * width)
  const first = new Float32Array(rows * width)
  const second = new Float32Array(rows * width)
  const isTouched = new Uint8Array(rows)
  const touched: number[] = []
  return {
    width,
    weights,
    gradient,
    touch(row) {
      if (isTouched[row] === 1) return
      isTouched[row] = 1
      touched.push(row)
    },
    apply(rate, step) {
      const scale = (rate * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step)
      for (const row of touched) {
        isTouched[row] = 0
        for (let at = row * width; at < (row + 1) * width; at++) {
          const g = gradient[at]!
          gradient[at] = 0
          const m = 0.9 * first[at]! + 0.1 * g
          const v = 0.999 * second[at]! + 0.001 * g * g
          first[at] = m
          second[at] = v
          weights[at]! -= (scale * m) / (Math.sqrt(v) + 1e-7)
        }
      }
      touched.length = 0
    },
  }
}
