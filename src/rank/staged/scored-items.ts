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

export function createScoredItems(parts: readonly StagedPart[]) {
  let now = roomFor(256)
  let before = roomFor(256)
  /** Those that are new: items, and their places among all. */
  let fresh = { ...roomFor(256), places: new Int32Array(256) }

  /** What stood at place `from` before stands at `to` now. */
  function keep(from: number, to: number): void {
    now.items[to] = before.items[from]!
    now.scores[to] = before.scores[from]!
  }

  return {
    forget(): void {
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
        fresh = { ...roomFor(2 * more), places: new Int32Array(2 * more) }
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
