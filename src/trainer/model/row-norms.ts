// The largest norm of a learned row, for whoever guards the model. Looks at a bounded number of rows each time and
// goes round, so that its cost does not grow with the catalogue.

import type { OnlineNetwork } from '../../learn/network/tracked-network.ts'

/** Rows of a table that are looked at each time: a small one is gone round within about half a minute. */
const rowsPerLook = { least: 128, most: 1_024, share: 1 / 64 }

/**
 * Each call looks at the next rows and gives the largest norm of this round and the one before. `between` is called
 * after each table.
 */
export function createNormWatch(
  learned: readonly OnlineNetwork[],
): (between?: () => void) => number {
  let cursor = 0
  /** Of the largest table, when it was looked at last. */
  let rows = 0
  let before = 0
  let largest = 0
  return (between) => {
    const { least, most, share } = rowsPerLook
    const looked = Math.min(most, Math.max(least, Math.ceil(share * rows)))
    rows = 0
    for (const { network } of learned) {
      for (const [name, { shape, data }] of network.tensors()) {
        if (!(data instanceof Float32Array) || isState(name)) continue
        const [height = 0, width = 0] = shape
        rows = Math.max(rows, height)
        largest = Math.max(largest, normOf(data, width, cursor, Math.min(height, cursor + looked)))
        between?.()
      }
    }
    cursor += looked
    const seen = Math.max(before, largest)
    if (cursor < rows) return seen
    cursor = 0
    before = largest
    largest = 0
    return seen
  }
}

/** What belongs to the optimizer: `rows.nbpr/nbpr.user.squares`, beside the table `rows.nbpr/nbpr.user`. */
function isState(name: string): boolean {
  return /\.(squares|first|second|moments|last)$/.test(name)
}

function normOf(data: Float32Array, width: number, from: number, to: number): number {
  let largest = 0
  for (let row = from; row < to; row++) {
    let squares = 0
    for (let at = row * width; at < (row + 1) * width; at++) squares += data[at]! * data[at]!
    if (Number.isNaN(squares)) return Number.POSITIVE_INFINITY
    if (squares > largest) largest = squares
  }
  return Math.sqrt(largest)
}
