// Where the arrays by item lie. A row has `columns` numbers, the most telling first: `headWidth` of them are its head,
// the others its tail. Both are bytes with a scale of their own. The first `middleWidth` of a tail, its middle, lie apart
// from the others, its end. Rows lie in chunks of `chunkItems`, each with all that is known of its rows, so that a
// catalogue that grows moves none of them.
//
// Symbols: x a row, x̂ what its bytes stand for, h, t and e its head, tail and end, |·| the Euclidean norm.

import {
  scanChunkItems as chunkItems, scanChunkShift as chunkShift, scanHeadWidth as headWidth,
  scanMiddleWidth as middleWidth,
} from '../constants'

export { scanChunkItems as chunkItems, scanHeadWidth as headWidth, scanMiddleWidth as middleWidth } from '../constants'

export let columns: i32 = 0
/** Bytes of a tail, a multiple of 16 and no less than its middle. */
export let tailWidth: i32 = 0
/** u32 by chunk: its address. Heads begin there. */
export let chunks: usize = 0
/** Four bytes by item: levels of popularity, rounded up. */
export let levels: usize = 0
/** f32 by item: bounds of the query asked last. */
export let bounds: usize = 0
/** A row in the order of its columns. */
export let row: usize = 0

// Bytes from the beginning of a chunk:
export let middlesAt: usize = 0
export let endsAt: usize = 0
/** f32 by item: scales of the bytes. */
export let headScalesAt: usize = 0
export let tailScalesAt: usize = 0
/**
 * f32 by item, no less than |x_h - x̂_h|, |x_t|, |x_t - x̂_t| and |x_e|, with room for the rounding of queries and sums.
 */
export let headErrorsAt: usize = 0
export let tailNormsAt: usize = 0
export let tailErrorsAt: usize = 0
export let endNormsAt: usize = 0
/** f32 by item, column by column: what queries have terms of. */
export let columnsAt: usize = 0

/** `record`: columns, tailWidth, chunks, levels, bounds and row, i32 each. */
export function place(record: usize): void {
  columns = load<i32>(record)
  tailWidth = load<i32>(record, 4)
  chunks = load<u32>(record, 8)
  levels = load<u32>(record, 12)
  bounds = load<u32>(record, 16)
  row = load<u32>(record, 20)
  middlesAt = headWidth * chunkItems
  endsAt = middlesAt + middleWidth * chunkItems
  headScalesAt = endsAt + (tailWidth - middleWidth) * chunkItems
  tailScalesAt = headScalesAt + 4 * chunkItems
  headErrorsAt = tailScalesAt + 4 * chunkItems
  tailNormsAt = headErrorsAt + 4 * chunkItems
  tailErrorsAt = tailNormsAt + 4 * chunkItems
  endNormsAt = tailErrorsAt + 4 * chunkItems
  columnsAt = endNormsAt + 4 * chunkItems
}

// @ts-ignore: decorator
@inline
export function chunkOf(item: i32): usize {
  return load<u32>(chunks + ((item >> chunkShift) << 2))
}

/** The place of an item in its chunk. */
// @ts-ignore: decorator
@inline
export function placeIn(item: i32): usize {
  return <usize>(item & (chunkItems - 1))
}
