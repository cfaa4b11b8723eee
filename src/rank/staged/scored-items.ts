// The items of a large catalogue that were scored for a list. Of one call to the next the scores of those that stay are
// kept, so that a longer list costs only what it has more.

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

export function createScoredItems(parts: readonly StagedPart[]) {
  let now = roomFor(256)
  let before = roomFor(256)
  /** Those that are new: items, and their places among all. */
  let fresh = { ...roomFor(256), places: new Int32Array(256) }

  return {
    forget(): void {
      now.count = 0
    },
    all: (): Scored => now,
    /** From now on it has these items, ascending, and items first … n-1. */
    become(some: Int32Array, first: number, n: number): Scored {
      const count = some.length + n - first
      ;[now, before] = [before, now]
      if (now.items.length < count) now = roomFor(2 * count)
      if (fresh.items.length < count) {
        fresh = { ...roomFor(2 * count), places: new Int32Array(2 * count) }
      }
      fresh.count = 0
      for (let at = 0, old = 0; at < count; at++) {
        const item = at < some.length ? some[at]! : first + at - some.length
        now.items[at] = item
        while (old < before.count && before.items[old]! < item) old++
        if (old < before.count && before.items[old] === item) now.scores[at] = before.scores[old]!
        else {
          fresh.items[fresh.count] = item
          fresh.places[fresh.count++] = at
        }
      }
      fresh.scores.fill(0, 0, fresh.count)
      for (const part of parts) part.addSome(fresh.items, fresh.count, fresh.scores, n)
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

function roomFor(items: number) {
  return { count: 0, items: new Int32Array(items), scores: new Float32Array(items) }
}
