// A number of each item that tells which of its numbers have changed, and what a part adds whose two features are
// distances of such numbers from those of the user: Σ w · |c_i - m|, c a column and m the user's own. For the whole
// catalogue, for some items, and as terms that a scan bounds scores by.

import { longer } from '../../arrays.ts'
import type { ColumnTerm, ItemColumn } from '../../ports/catalogue.ts'
import type { Moment, Part, StagedPart } from '../part.ts'

/** The most changes that are listed; with more, the whole column is taken for another. */
const changedMax = 1_024

export interface WritableColumn extends ItemColumn {
  /** Makes room for items 0 … items-1; those that are new have the number 0. */
  grow(items: number): void
  set(item: number, value: number): void
  /** The values have been written over, and all items beyond them have this number. */
  renewed(others: number): void
}

export function createColumn(): WritableColumn {
  let values: Float32Array = new Float32Array(1024)
  let others = 0
  let version = 0
  const changed: number[] = []

  function begin(): void {
    version++
    changed.length = 0
  }

  return {
    changed,
    get values() {
      return values
    },
    get others() {
      return others
    },
    get version() {
      return version
    },
    grow(items) {
      if (items <= values.length) return
      values = longer(values, Math.max(items, 2 * values.length))
      begin()
    },
    set(item, value) {
      values[item] = value
      if (changed.length === changedMax) begin()
      else changed.push(item)
    },
    renewed(given) {
      others = given
      begin()
    },
  }
}

export type TwoTerms = readonly [ColumnTerm, ColumnTerm]

export interface TermsOfColumns extends Required<Pick<Part, 'addAll'>> {
  readonly staged: StagedPart
}

/** `begin`: the terms of a moment with these weights of the features, until the next event; undefined: nothing. */
export function createColumnTerms(
  begin: (moment: Moment, weights: Float32Array) => TwoTerms | undefined,
): TermsOfColumns {
  let terms: TwoTerms | undefined
  return {
    addAll(moment, n, weights, sums) {
      const [one, other] = begin(moment, weights) ?? []
      if (one !== undefined && other !== undefined) addAll(one, other, n, sums)
    },
    staged: {
      begin(moment, weights) {
        terms = begin(moment, weights)
      },
      terms: () => terms ?? [],
      addSome(items, count, sums) {
        if (terms !== undefined) addSome(terms[0], terms[1], items, count, sums)
      },
    },
  }
}

function addAll(one: ColumnTerm, other: ColumnTerm, n: number, sums: Float32Array): void {
  const [a, b] = [one.column.values, other.column.values]
  const [wA, wB, mA, mB] = [one.weight, other.weight, one.origin, other.origin]
  const known = Math.min(a.length, b.length, n)
  for (let i = 0; i < known; i++) sums[i]! += wA * Math.abs(a[i]! - mA) + wB * Math.abs(b[i]! - mB)
  const rest = ofOthers(one) + ofOthers(other)
  for (let i = known; i < n; i++) sums[i]! += rest
}

/** To the last bit as addAll(). */
function addSome(
  one: ColumnTerm,
  other: ColumnTerm,
  items: Int32Array,
  count: number,
  sums: Float32Array,
): void {
  const [a, b] = [one.column.values, other.column.values]
  const [wA, wB, mA, mB] = [one.weight, other.weight, one.origin, other.origin]
  const known = Math.min(a.length, b.length)
  const rest = ofOthers(one) + ofOthers(other)
  for (let x = 0; x < count; x++) {
    const i = items[x]!
    sums[x]! += i < known ? wA * Math.abs(a[i]! - mA) + wB * Math.abs(b[i]! - mB) : rest
  }
}

function ofOthers({ column, weight, origin }: ColumnTerm): number {
  return weight * Math.abs(column.others - origin)
}

/** out[from + x] = |values[items[x]] - origin|, of items beyond the values as of 0. */
export function takeDistances(
  values: Float32Array,
  items: Int32Array,
  origin: number,
  out: Float32Array,
  from: number,
): void {
  for (let x = 0; x < items.length; x++) {
    const i = items[x]!
    out[from + x] = Math.abs((i < values.length ? values[i]! : 0) - origin)
  }
}
