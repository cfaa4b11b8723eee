// Where the arrays by item lie. A row has `columns` numbers, the most telling first: `headWidth` of them are its head,
// the others its tail. Both are bytes with a scale of their own. The first `middleWidth` of a tail, its middle, lie with
// what is known of the tail, and apart from the others, its end. Rows lie in chunks of `chunkItems`, each with all that
// is known of its rows, so that a catalogue that grows moves none of them.
//
// Symbols: x a row, x̂ what its bytes stand for, h, t and e its head, tail and end, |·| the Euclidean norm.

import {
  scanChunkItems as chunkItems, scanChunkShift as chunkShift, scanHeadWidth as headWidth,
  scanMiddleBytes as middleBytes, scanMiddleWidth as middleWidth,
} from '../constants'

export {
  scanChunkItems as chunkItems, scanHeadWidth as headWidth, scanMiddleBytes as middleBytes, scanMiddleWidth as middleWidth,
} from '../constants'

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
/** f32 by item: the scale of the bytes; no less than |x_h - x̂_h| and |x_t|, with room for rounding. */
export let headScalesAt: usize = 0
export let headErrorsAt: usize = 0
export let tailNormsAt: usize = 0
/** f32 by item, column by column: what queries have terms of. */
export let columnsAt: usize = 0

// Bytes from the beginning of the middle of a row, f32: the scale of the tail's bytes; no less than |x_t - x̂_t|, |x_t| and
// |x_e|, with room for the rounding of queries and sums.
export const tailScaleAt: usize = middleWidth
export const tailErrorAt: usize = middleWidth + 4
export const tailNormAt: usize = middleWidth + 8
export const endNormAt: usize = middleWidth + 12

/** `record`: columns, tailWidth, chunks, levels, bounds and row, i32 each. */
export function place(record: usize): void {
  columns = load<i32>(record)
  tailWidth = load<i32>(record, 4)
  chunks = load<u32>(record, 8)
  levels = load<u32>(record, 12)
  bounds = load<u32>(record, 16)
  row = load<u32>(record, 20)
  middlesAt = headWidth * chunkItems
  endsAt = middlesAt + middleBytes * chunkItems
  headScalesAt = endsAt + (tailWidth - middleWidth) * chunkItems
  headErrorsAt = headScalesAt + 4 * chunkItems
  tailNormsAt = headErrorsAt + 4 * chunkItems
  columnsAt = tailNormsAt + 4 * chunkItems
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
