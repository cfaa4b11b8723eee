// The items with the largest scores, in no order of scores: the first of two stages. For some hundred of some thousand
// items it is several times as quick as a heap: a sample tells about where they end, and items are asked whether they
// are excluded only where they are near the top, or all at once.

import type { Excluded } from './preference.ts'

/** Scores that tell where the largest end. */
const sampled = 512
/** What is looked at beyond what is wanted, in shares of that: first, and each time that it was not enough. */
const more = 1.25

/** Scores by place, of these items, which ascend; without them, of all items. */
export interface Scored {
  readonly count: number
  readonly scores: Float32Array
  readonly items?: Int32Array
}

/**
 * A selector of the `most` items with the largest scores that are not excluded, ascending; of equal ones those with the
 * smaller ids. Throws a RangeError where a score near the top is NaN.
 */
export function createShortlist(): (of: Scored, most: number, excluded: Excluded) => Int32Array {
  const select = createSelector()
  let listable = new Int32Array(1024)
  let listableScores = new Float32Array(1024)

  /** To ask for all of some thousand items at once takes less than to ask for each of the best. */
  function listableOf({ count, scores }: Scored, excluded: Excluded): Scored {
    if (listable.length < count) {
      listable = new Int32Array(2 * count)
      listableScores = new Float32Array(2 * count)
    }
    const found = excluded.listable!(count, listable)
    for (let x = 0; x < found; x++) listableScores[x] = scores[listable[x]!]!
    return { count: found, scores: listableScores, items: listable }
  }

  return (of, most, excluded) => {
    const { items: given } = of
    const asksAll = given === undefined && excluded.listable !== undefined
    const { count, scores, items } = asksAll ? listableOf(of, excluded) : of
    const isExcluded = given === undefined ? excluded : (x: number) => excluded(given[x]!)
    const found = select(scores, count, most, asksAll ? nothing : isExcluded)
    const places = found.items.slice(0, found.count)
    return items === undefined ? places : places.map((x) => items[x]!)
  }
}

const nothing = () => false

/** `count` places of the scores, ascending. */
interface Selected {
  readonly count: number
  readonly items: Int32Array
}

function createSelector(): (
  scores: Float32Array,
  n: number,
  most: number,
  excluded: (place: number) => boolean,
) => Selected {
  const sample = new Float32Array(2 * sampled)
  let kept = new Float32Array(1024)
  const result: { count: number; items: Int32Array } = { count: 0, items: new Int32Array(1024) }

  /** A score that about `wanted` items have or exceed. */
  function edgeOf(scores: Float32Array, n: number, wanted: number): number {
    const stride = Math.max(1, Math.floor(n / sampled))
    const size = Math.ceil(n / stride)
    for (let k = 0; k < size; k++) sample[k] = scores[k * stride]!
    const above = Math.ceil((wanted * size) / n)
    return above < size ? sample.subarray(0, size).sort()[size - above]! : Number.NEGATIVE_INFINITY
  }

  /** All that may be listed and have `edge` or more. */
  function collect(
    scores: Float32Array,
    n: number,
    edge: number,
    excluded: (item: number) => boolean,
  ): void {
    let count = 0
    for (let x = 0; x < n; x++) {
      const score = scores[x]!
      // NaN fails every comparison: it goes on, to be refused.
      if (score < edge) continue
      if (Number.isNaN(score)) throw new RangeError(`the score at place ${x} is NaN`)
      if (excluded(x)) continue
      if (count === result.items.length) result.items = longer(result.items)
      result.items[count++] = x
    }
    result.count = count
  }

  /** Only the `most` largest remain. */
  function cut(scores: Float32Array, most: number): void {
    const { items, count } = result
    if (kept.length < count) kept = new Float32Array(2 * count)
    for (let k = 0; k < count; k++) kept[k] = scores[items[k]!]!
    const least = kept.subarray(0, count).sort()[count - most]!
    let above = 0
    for (let k = 0; k < count; k++) if (scores[items[k]!]! > least) above++
    let left = 0
    for (let k = 0, equal = most - above; k < count; k++) {
      const score = scores[items[k]!]!
      if (score > least || (score === least && equal-- > 0)) items[left++] = items[k]!
    }
    result.count = left
  }

  return (scores, n, most, excluded) => {
    for (let wanted = more * most; ; wanted *= more) {
      const edge = edgeOf(scores, n, wanted)
      collect(scores, n, edge, excluded)
      if (result.count > most) cut(scores, most)
      if (result.count === most || edge === Number.NEGATIVE_INFINITY) return result
    }
  }
}

function longer(items: Int32Array): Int32Array {
  const more = new Int32Array(2 * items.length)
  more.set(items)
  return more
}
