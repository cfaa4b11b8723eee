// What a part adds that it computes for every item it adds anything to: for the whole catalogue, for some items, and as
// bounds, which are the values themselves. Where that follows from columns, see item-column.ts.

import type { Moment, Part, StagedPart } from '../part.ts'

/** A share of what is added, by which no sum of floats is off. */
const rounding = 1e-5

/** What is added at one moment. */
export interface Terms {
  /** into[x] += a + slack · |a|, a what is added for item x < count. */
  addAll(count: number, into: Float32Array, slack: number): void
  /** into[x] += what is added for items[x]; x < count. */
  addSome(items: Int32Array, count: number, into: Float32Array): void
}

interface Adds extends Required<Pick<Part, 'addAll'>> {
  readonly staged: StagedPart
}

export type ItemTerms = Adds

/** `begin`: how to add at a moment with these weights of the features, until the next event; undefined: nothing. */
export function createItemTerms(
  begin: (moment: Moment, weights: Float32Array) => Terms | undefined,
): ItemTerms {
  let terms: Terms | undefined
  return {
    addAll(moment, n, weights, sums) {
      begin(moment, weights)?.addAll(n, sums, 0)
    },
    staged: {
      begin(moment, weights) {
        terms = begin(moment, weights)
      },
      addSome(items, count, sums) {
        terms?.addSome(items, count, sums)
      },
      raise(bounds) {
        terms?.addAll(bounds.length, bounds, rounding)
      },
    },
  }
}

/** What columns or terms add and what more terms add, of one part. */
export function joined(first: Adds, more: ItemTerms): Adds {
  return {
    addAll(...given) {
      first.addAll(...given)
      more.addAll(...given)
    },
    staged: {
      ...first.staged,
      begin(...given) {
        first.staged.begin(...given)
        more.staged.begin(...given)
      },
      addSome(...given) {
        first.staged.addSome(...given)
        more.staged.addSome(...given)
      },
      terms: () => [...(first.staged.terms?.() ?? []), ...(more.staged.terms?.() ?? [])],
      raise(bounds) {
        first.staged.raise?.(bounds)
        more.staged.raise?.(bounds)
      },
    },
  }
}
