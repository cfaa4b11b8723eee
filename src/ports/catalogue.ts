// What an engine does over all items at once: arithmetic that needs no network, and a scan.
//
// The scan keeps the rows of a whole catalogue made small, so that the best items of a query are found without reading
// all of them in full: every item gets an upper bound, and only who may be among the best is looked at exactly, by
// others. The bounds are strict: no rounding, neither here nor of a plain sum of floats, takes an item above its bound.
//
// Symbols: D columns of a row, x_d the number of a row in column d, q_d that of a query.

import type { UserBatch } from './scoring.ts'

/** Arithmetic over all items at once that needs no network. */
export interface Catalogue {
  /**
   * Σ_k weights[k] · ln(1 + counts[i·K + k] · scales[k]) for items i < n, K = scales.length, counts and scales not
   * negative, and onto[i] where given. Good to 1e-6 of the larger of a logarithm and 1; valid until the next call.
   * `same`: counts, n and scales are those of the last call, and its logarithms may be used again.
   */
  logs(
    counts: Float64Array,
    n: number,
    scales: Float64Array,
    weights: Float32Array,
    onto?: Float32Array,
    same?: boolean,
  ): Float32Array
  /** Replaces n of the values, none of them negative, by ln(1 + value). As accurate as logs(). */
  log1p(values: Float32Array, from: number, n: number): void
  /**
   * What n items have of a history. With v = factors[l] · counts[l·n + x] for l < lags, and bins of lags that end
   * before ends[b]: features[b·n + order[x]] = scales[x] · Σ v over bin b, but in the last bin the sum of all these,
   * which is sums[order[x]], too; behind them the largest scales[x] · v and the next, each as bend() has it for
   * CountSums. To the last bit as plain loops over doubles; nothing is negative.
   */
  lagFeatures(given: LagCounts, features: Float32Array, sums: Float64Array): void
  countSums(): CountSums
}

/** Of n items, in any order: `order` says where each of them belongs. See Catalogue.lagFeatures(). */
export interface LagCounts {
  readonly n: number
  readonly lags: number
  readonly counts: Int32Array
  readonly factors: Float64Array
  readonly ends: Int32Array
  readonly scales: Float64Array
  readonly order: Int32Array
  readonly bent: number
}

/**
 * Weighed sums of rows of counts, and the two largest of what was added at each place.
 *
 * Symbols: v = r · count; a row is what addRow() is called for.
 */
export interface CountSums {
  /** Σ w · v; the arrays are replaced by clear(). */
  readonly sums: Float64Array
  /** The largest v, and the next; 0 where there is none. */
  readonly largest: Float64Array
  readonly second: Float64Array
  /** Makes room for n places, where everything is 0. */
  clear(n: number): void
  /**
   * Adds counts[from … from+n-1], none of them negative, by the next flush() at the latest; r is not negative either.
   * To the last bit as plain loops.
   */
  addRow(counts: Int32Array, from: number, n: number, r: number, w: number): void
  /** All that addRow() was given is in the sums. */
  flush(): void
  /**
   * onto[x] += c · sums[x] + ofLargest · bend(c · largest[x]) + ofSecond · bend(c · second[x]) for x < n, where c =
   * scales[x] and bend(v) = bent v / (1 + bent v); in doubles, to the last bit as plain loops.
   */
  addBent(onto: Float32Array, n: number, scales: Float32Array, by: BentWeights): void
}

/** See CountSums.addBent(). */
export interface BentWeights {
  readonly ofLargest: number
  readonly ofSecond: number
  readonly bent: number
}

/** The scores of a network as products of a vector of the user and rows of the items. */
export interface ItemRows {
  /** Of the pieces that a row is made of. */
  readonly widths: readonly number[]
  /** Rows of items first … first+count-1, piece by piece: (count × width) each, where they lie. Valid until grow(). */
  blocks(first: number, count: number): Float32Array[]
  /** out[at + d] = weight · q_d of user 0, so that weight · s = Σ_d out[at + d] · x_d. */
  query(users: UserBatch, weight: number, out: Float32Array, at: number): void
  /** onto[x] += what scoreAll() adds for items[x], x < count, to the last bit; `query` as query() has written it. */
  addScores(
    query: Float32Array,
    weight: number,
    items: Int32Array,
    count: number,
    onto: Float32Array,
  ): void
  /**
   * From now on `changed` is told, with those given before, after every step() which items it has changed, some more
   * than once, and undefined where restore() has changed all. What is written through tensors() is not told.
   */
  watch(changed: (items: Int32Array | undefined) => void): void
  /** These rows were written to through tensors(): whoever watches is told. */
  tell(items: Int32Array): void
}

/** A number of each item, none of them negative, of which others may keep a copy. */
export interface ItemColumn {
  /** Those of items 0 … values.length-1; replaced when it grows. */
  readonly values: Float32Array
  /** That of every item beyond them. */
  readonly others: number
  /** Counts up where any of them may be another. */
  readonly version: number
  /** Items whose number became another since the version began, some more than once. */
  readonly changed: readonly number[]
}

/** weight · |c - origin|, c the number of an item in the column. */
export interface ColumnTerm {
  readonly column: ItemColumn
  readonly weight: number
  /** Not negative. */
  readonly origin: number
}

/** The query of one moment, and what popularity and columns add to it. */
export interface BoundQuery {
  /** (D) in the order of the rows as they are given. */
  readonly query: Float32Array
  /** One for each level of an item, at most four, of any sign. */
  readonly levelWeights: Float32Array
  /** Levels of today are at least these shares of what they were when they were set, each in [0, 1]. */
  readonly levelShares: Float32Array
  /** At most six. */
  readonly terms?: readonly ColumnTerm[]
}

export interface ItemScan {
  /** Rows are those of items 0 … items-1. */
  readonly items: number
  readonly bytes: number
  /**
   * Rows are made of pieces of these widths. Takes their columns in this order, each x_d times factors[d] and each q_d
   * divided by it, and forgets all rows. The first columns are read for every item: they should tell most of the score.
   * `items`: how many there will be soon.
   */
  arrange(widths: readonly number[], order: Int32Array, factors: Float32Array, items: number): void
  /** How often arrange() was called: it has forgotten all levels, too. */
  readonly arranged: number
  /** Takes the columns otherwise from now on: rows change over with renew(), from the first on. */
  rearrange(order: Int32Array, factors: Float32Array): void
  /** Rows below have the newest arrangement; all of them have where renew() has nothing left to do. */
  readonly renewed: number
  /** Rows of items renewed … renewed+count-1 (count × width): a multiple of 4 rows, or all that are left. */
  renew(blocks: readonly Float32Array[], count: number): void
  /** More items than this have no room; known after arrange(). */
  readonly itemsMax: number
  /** Takes the rows of items first … first+count-1, piece by piece (count × width); first is `items`. */
  put(blocks: readonly Float32Array[], first: number, count: number): void
  /** Takes rows that have changed out of tables by item. */
  putAgain(tables: readonly Float32Array[], changed: readonly number[]): void
  /** (items × 4) in units of `levelStep`, no less than the truth. Valid until put(). */
  readonly levels: Uint8Array
  readonly levelStep: number
  /** Makes the bounds of all items. */
  bound(query: BoundQuery): void
  /** (items) of the last query; may be raised, and lowered for items that are not wanted. Valid until put(). */
  readonly bounds: Float32Array
  /** Up to `most` items with the largest bounds, in no order; infinitely low ones never. Valid until the next call. */
  best(most: number): Int32Array
  /** Items whose exact score may be the threshold or more, ascending. Valid until the next call. */
  above(threshold: number): Int32Array
}
