// The items of a large catalogue that were scored for a list. All of them stay, so that a longer list costs only what
// it has more.

import type { StagedPart } from '../../learn/part.ts'
import type { Excluded } from '../preference.ts'

/** Valid until the next call. */
export interface Scored {
  readonly count: number
  /** Ascending. */
  readonly items: Int32Array
  /** As the scan of the whole catalogue gives them. */
  readonly scores: Float32Array
}

/** Items that are scored at a time: parts need room for each, and before much was learned a list may need all items. */
const pieceItems = 4_096
/** Room for more than so many items, which few lists need, is given up after the list. */
const keptMax = 65_536

export function createScoredItems(parts: readonly StagedPart[]) {
  let now = roomFor(256)
  let before = roomFor(256)
  /** Those that are new: items, and their places among all. */
  let fresh = freshFor(256)

  function begin(): void {
    now = roomFor(256)
    before = roomFor(256)
    fresh = freshFor(256)
  }

  /** What stood at place `from` before stands at `to` now. */
  function keep(from: number, to: number): void {
    now.items[to] = before.items[from]!
    now.scores[to] = before.scores[from]!
  }

  function addScores({ items, scores, count }: Room, n: number): void {
    scores.fill(0, 0, count)
    for (let from = 0; from < count; from += pieceItems) {
      const to = Math.min(count, from + pieceItems)
      const [some, own] = [items.subarray(from, to), scores.subarray(from, to)]
      for (const part of parts) part.addSome(some, to - from, own, n)
    }
  }

  return {
    forget(): void {
      if (fresh.items.length > keptMax) begin()
      now.count = 0
    },
    all: (): Scored => now,
    /** From now on it has these items, too, ascending, and items first … n-1. */
    include(some: Int32Array, first: number, n: number): Scored {
      const more = some.length + n - first
      ;[now, before] = [before, now]
      const most = before.count + more
      if (now.items.length < most) now = roomFor(2 * most)
      if (fresh.items.length < more) {
        fresh = freshFor(2 * more)
      }
      fresh.count = 0
      let count = 0
      let old = 0
      for (let x = 0; x < more; x++) {
        const item = x < some.length ? some[x]! : first + x - some.length
        while (old < before.count && before.items[old]! < item) keep(old++, count++)
        if (old < before.count && before.items[old] === item) keep(old++, count++)
        else {
          now.items[count] = item
          fresh.items[fresh.count] = item
          fresh.places[fresh.count++] = count++
        }
      }
      while (old < before.count) keep(old++, count++)
      addScores(fresh, n)
      for (let x = 0; x < fresh.count; x++) now.scores[fresh.places[x]!] = fresh.scores[x]!
      now.count = count
      return now
    },
    /** The least score of the `most` best that may be listed; undefined where it has not so many. */
    worstOf(most: number, excluded: Excluded): number | undefined {
      // What was before is not needed any more.
      if (before.scores.length < now.count) before = roomFor(now.count)
      let count = 0
      for (let at = 0; at < now.count; at++) {
        if (!excluded(now.items[at]!)) before.scores[count++] = now.scores[at]!
      }
      return count < most ? undefined : before.scores.subarray(0, count).sort()[count - most]!
    },
  }
}

type Room = ReturnType<typeof roomFor>

function freshFor(items: number) {
  return { ...roomFor(items), places: new Int32Array(items) }
}

function roomFor(items: number) {
  return { count: 0, items: new Int32Array(items), scores: new Float32Array(items) }
}
