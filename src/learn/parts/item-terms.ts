// What a part adds whose features of an item are plain formulas, cheap enough to be computed for every item: for the
// whole catalogue, for some items, and as bounds, which are the values themselves.

import type { Moment, Part, StagedPart } from '../part.ts'

/** A share of what is added, by which no sum of floats is off. */
const rounding = 1e-5

/** No less than what is added, however its sum with others is rounded. */
export const boundOf = (added: number): number => added + rounding * Math.abs(added)

/** into[x] += a + slack · |a|, a what is added for items[x], or for item x without items; x < count. */
export type AddTerms = (
  items: Int32Array | undefined,
  count: number,
  into: Float32Array,
  slack: number,
) => void

export interface ItemTerms extends Required<Pick<Part, 'addAll'>> {
  readonly staged: StagedPart
}

/** `begin`: how to add at a moment with these weights of the features, until the next event; undefined: nothing. */
export function createItemTerms(
  begin: (moment: Moment, weights: Float32Array) => AddTerms | undefined,
): ItemTerms {
  let add: AddTerms | undefined
  return {
    addAll(moment, n, weights, sums) {
      begin(moment, weights)?.(undefined, n, sums, 0)
    },
    staged: {
      begin(moment, weights) {
        add = begin(moment, weights)
      },
      addSome(items, count, sums) {
        add?.(items, count, sums, 0)
      },
      raise(bounds) {
        add?.(undefined, bounds.length, bounds, rounding)
      },
    },
  }
}
