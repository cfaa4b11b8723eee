// The two ways in which the K best are found. Few of many: with a heap, whose root is the worst of the items kept so
// far. Many of few: sorted into buckets by score, where a heap would sink or rise for nearly every item.

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

/** Fewer are found sooner with the heap, and so are those of more items than this many times as many. */
const sortedMin = 32
const perKeptMax = 64
const buckets = 512
const lastBucket = buckets - 1

/** What sortBest() works in: by item its bucket, by bucket its items, and items in order with their scores. */
export interface SortingRoom {
  bucketOf: Uint16Array
  readonly next: Int32Array
  readonly found: Int32Array
  readonly items: Int32Array
  readonly scores: Float32Array
}

/** For up to `most` items. */
export function createSortingRoom(most: number): SortingRoom {
  return {
    bucketOf: new Uint16Array(0),
    next: new Int32Array(buckets),
    found: new Int32Array(2 * most),
    items: new Int32Array(2 * most),
    scores: new Float32Array(2 * most),
  }
}

/**
 * Puts the best `most` items, or all there are, into the room, best first and of equal ones the smaller id; returns
 * how many there are. -1: these are found sooner, or only, with the heap, which also tells of NaN.
 */
export function sortBest(
  room: SortingRoom,
  most: number,
  all: Float32Array,
  n: number,
  excluded: Excluded,
): number {
  if (most < sortedMin || n > perKeptMax * most) return -1
  if (room.bucketOf.length < n) room.bucketOf = new Uint16Array(2 * n)
  const end = lastOf(room, most, all, n)
  if (end < 0) return -1
  const { bucketOf, next, found } = room
  let count = 0
  for (let item = 0; item < n; item++) {
    const bucket = bucketOf[item]!
    if (bucket > end) continue
    if (Number.isNaN(all[item]!)) return -1
    if (excluded(item)) next[bucket]!--
    else found[count++] = item
  }
  // Those that are excluded stand in the place of others.
  if (count < most && end < lastBucket) return -1
  place(room, count, all)
  return Math.min(count, most)
}

/**
 * Sorts items into buckets by score, those that are no number into the first. Returns the last bucket that is needed
 * for `most` of them and some more; -1 where buckets are no help.
 */
function lastOf(
  { bucketOf, next }: SortingRoom,
  most: number,
  all: Float32Array,
  n: number,
): number {
  let top = Number.NEGATIVE_INFINITY
  let bottom = Number.POSITIVE_INFINITY
  for (let item = 0; item < n; item++) {
    const score = all[item]!
    if (score > top) top = score
    if (score < bottom && score > Number.NEGATIVE_INFINITY) bottom = score
  }
  const scale = lastBucket / (top - bottom)
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) return -1
  next.fill(0)
  for (let item = 0; item < n; item++) {
    const place = (top - all[item]!) * scale
    const bucket = place >= lastBucket ? lastBucket : place | 0
    bucketOf[item] = bucket
    next[bucket]!++
  }
  const wanted = most + (most >> 3)
  let count = 0
  let bucket = -1
  while (count < wanted && bucket < lastBucket) count += next[++bucket]!
  return count > 2 * most ? -1 : bucket
}

/** The items found, which ascend, in the order of their buckets, and within each in that of their scores. */
function place(
  { bucketOf, next, found, items, scores }: SortingRoom,
  count: number,
  all: Float32Array,
) {
  let start = 0
  for (let bucket = 0; bucket < buckets; bucket++) {
    const own = next[bucket]!
    next[bucket] = start
    start += own
  }
  for (let x = 0; x < count; x++) {
    const item = found[x]!
    const at = next[bucketOf[item]!]!++
    items[at] = item
    scores[at] = all[item]!
  }
  for (let x = 1; x < count; x++) {
    const [item, score] = [items[x]!, scores[x]!]
    let at = x
    for (; at > 0 && scores[at - 1]! < score; at--) {
      items[at] = items[at - 1]!
      scores[at] = scores[at - 1]!
    }
    items[at] = item
    scores[at] = score
  }
}
