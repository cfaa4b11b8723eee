// Where the arrays by item lie. A row has `columns` numbers, the most telling first: `headWidth` of them are its head,
// the others its tail. Both are bytes with a scale of their own.
//
// Symbols: x a row, x̂ what its bytes stand for, h and t its head and tail, |·| the Euclidean norm.

/** Bytes of a head, the same for all so that a loop over it is straight. */
export const headWidth = 64

export let columns: i32 = 0
/** Bytes of a tail, a multiple of 16. */
export let tailWidth: i32 = 0
export let heads: usize = 0
export let tails: usize = 0
/** f32 by item: scales of the bytes. */
export let headScales: usize = 0
export let tailScales: usize = 0
/** f32 by item, no less than |x_h - x̂_h|, |x_t| and |x_t - x̂_t|, with room for the rounding of queries and sums. */
export let headErrors: usize = 0
export let tailNorms: usize = 0
export let tailErrors: usize = 0
/** Four bytes by item: levels of popularity, rounded up. */
export let levels: usize = 0
/** f32 by item: bounds of the query asked last. */
export let bounds: usize = 0
/** By column, i32: address in the block of rows that is given, bytes from one row to the next; f32: a factor. */
export let sources: usize = 0
export let strides: usize = 0
export let factors: usize = 0
/** A row in the order of its columns. */
export let row: usize = 0
/** i16: the query, head and tail. */
export let queryHead: usize = 0
export let queryTail: usize = 0

/** `record`: the numbers above in their order, i32 each. */
export function place(record: usize): void {
  columns = load<i32>(record)
  tailWidth = load<i32>(record, 4)
  heads = load<u32>(record, 8)
  tails = load<u32>(record, 12)
  headScales = load<u32>(record, 16)
  tailScales = load<u32>(record, 20)
  headErrors = load<u32>(record, 24)
  tailNorms = load<u32>(record, 28)
  tailErrors = load<u32>(record, 32)
  levels = load<u32>(record, 36)
  bounds = load<u32>(record, 40)
  sources = load<u32>(record, 44)
  strides = load<u32>(record, 48)
  factors = load<u32>(record, 52)
  row = load<u32>(record, 56)
  queryHead = load<u32>(record, 60)
  queryTail = load<u32>(record, 64)
}
