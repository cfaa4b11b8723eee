// When the record at a place of the input was read, for the newest batches of each stream. What is older than that is
// forgotten, so its lists are not timed.

import type { Position } from '../types.ts'

/** Newest batches of a stream, and streams, that are kept. */
const batchesMax = 1_024
const streamsMax = 10_000

interface Read {
  readonly lastOffset: number
  readonly readMs: number
}

export interface Freshness {
  /** Batches of a stream come in order. */
  read(stream: string, lastOffset: number, readMs: number): void
  /** Monotonic ms, or undefined where it is not known any more. */
  readMsOf(position: Position): number | undefined
}

export function createFreshness(): Freshness {
  const streams = new Map<string, Read[]>()

  return {
    read(stream, lastOffset, readMs) {
      const batches = streams.get(stream) ?? []
      // Given again after a rebalance: what was known from there on is of another life.
      while (batches.length > 0 && batches.at(-1)!.lastOffset >= lastOffset) batches.pop()
      batches.push({ lastOffset, readMs })
      if (batches.length > 2 * batchesMax) batches.splice(0, batchesMax)
      streams.set(stream, batches)
      if (streams.size > streamsMax) streams.delete(streams.keys().next().value!)
    },
    readMsOf({ stream, offset }) {
      const batches = streams.get(stream) ?? []
      let from = 0
      let to = batches.length
      while (from < to) {
        const middle = (from + to) >> 1
        if (batches[middle]!.lastOffset < offset) from = middle + 1
        else to = middle
      }
      // The oldest batch kept may begin anywhere before its end.
      return from === 0 && batches.length >= batchesMax ? undefined : batches[from]?.readMs
    },
  }
}
