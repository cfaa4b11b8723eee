// The heap that a top-K is found with: its root is the worst of the items kept so far.

import type { Excluded } from './preference.ts'

/** Puts the best `capacity` items with `floor` or more into the heap and returns how many there are. */
export function fill(
  items: Int32Array,
  scores: Float32Array,
  capacity: number,
  all: Float32Array,
  n: number,
  floor: number,
  excluded: Excluded,
): number {
  let size = 0
  let worst = Number.NEGATIVE_INFINITY
  for (let item = 0; item < n; item++) {
    const score = all[item]!
    // Ids ascend, so an equal score never displaces. NaN fails every comparison: it goes on, to be refused.
    if (score < floor || (size === capacity && score <= worst)) continue
    if (Number.isNaN(score)) throw new RangeError(`the score of item ${item} is NaN`)
    if (excluded(item)) continue
    if (size < capacity) rise(items, scores, size++, item, score)
    else sink(items, scores, size, item, score)
    worst = scores[0]!
  }
  return size
}

/** Adds (item, score) as the last of a heap that had `at` entries. */
function rise(
  items: Int32Array,
  scores: Float32Array,
  at: number,
  item: number,
  score: number,
): void {
  let child = at
  while (child > 0) {
    const parent = (child - 1) >> 1
    if (!isWorse(score, item, scores[parent]!, items[parent]!)) break
    items[child] = items[parent]!
    scores[child] = scores[parent]!
    child = parent
  }
  items[child] = item
  scores[child] = score
}

/** Replaces the root of a heap of `size` entries by (item, score). */
export function sink(
  items: Int32Array,
  scores: Float32Array,
  size: number,
  item: number,
  score: number,
): void {
  let parent = 0
  for (;;) {
    let child = 2 * parent + 1
    if (child >= size) break
    const right = child + 1
    if (right < size && isWorse(scores[right]!, items[right]!, scores[child]!, items[child]!)) {
      child = right
    }
    if (!isWorse(scores[child]!, items[child]!, score, item)) break
    items[parent] = items[child]!
    scores[parent] = scores[child]!
    parent = child
  }
  items[parent] = item
  scores[parent] = score
}

function isWorse(score: number, item: number, thanScore: number, thanItem: number): boolean {
  return score < thanScore || (score === thanScore && item > thanItem)
}
