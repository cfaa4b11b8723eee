// The functions of src/kernel/scan, called with the addresses of one memory.

export interface Half {
  /** What a unit of its words stands for. */
  readonly unit: number
  /** No less than the Euclidean norm. */
  readonly norm: number
}

/** Of the weights of levels. */
export interface Weights {
  /** What a unit of a word times a unit of a level stands for. */
  readonly unit: number
  /** Added for every item. */
  readonly base: number
}

/** Addresses in bytes; see the functions of the same names in src/kernel/scan. */
export interface Functions {
  place(record: number): void
  quantize(items: number, count: number, places: number): void
  boundAll(
    first: number,
    count: number,
    query: number,
    unit: number,
    head: number,
    tail: number,
    weights: number,
    levelUnit: number,
    base: number,
  ): void
  boundWhole(
    items: number,
    count: number,
    query: number,
    unit: number,
    tail: number,
    threshold: number,
    out: number,
  ): number
  best(count: number, most: number, out: number, values: number): number
  above(count: number, threshold: number, out: number): number
}

export interface Calls extends Pick<Functions, 'best' | 'above'> {
  /** Makes the rows of the first `count` of `at.ids` from the block. */
  quantize(count: number, places: number): void
  /** Bounds of so many items, whose rows have columns in this arrangement. */
  boundAll(first: number, count: number, query: number, head: Half, tail: Half, by: Weights): void
  /** Of the items from … to-1 in `at.found` those that reach the threshold, to place `out` of it on; how many. */
  boundWhole(
    found: { from: number; to: number; out: number },
    query: number,
    tail: Half,
    threshold: number,
  ): number
}

/** Where they find what does not depend on an arrangement of columns. */
export type Addresses = Readonly<Record<'ids' | 'weights' | 'found', number>>

export function callsOf(functions: Functions, at: Addresses): Calls {
  return {
    best: functions.best,
    above: functions.above,
    quantize: (count, places) => functions.quantize(at.ids, count, places),
    boundAll(first, count, query, head, tail, { unit, base }) {
      const norms = [head.norm, tail.norm] as const
      functions.boundAll(first, count, query, head.unit, ...norms, at.weights, unit, base)
    },
    boundWhole({ from, to, out }, query, tail, threshold) {
      const [list, into] = [at.found + 4 * from, at.found + 4 * out]
      return functions.boundWhole(list, to - from, query, tail.unit, tail.norm, threshold, into)
    },
  }
}
