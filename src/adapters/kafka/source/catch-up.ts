// Whether the records of a partition are history or live. History is what has waited in the partition for longer than
// `backlogAgeMs`, and, where a partition is read from its first record, all that stood there when this worker got it.
// History is learned in full and gets its lists once it is over; live records get their lists at once: a worker that
// crashed and is soon back goes on where it was.
//
// A worker that falls behind because more arrives than it can learn would never come to the end of a history. So when a
// history has ended and the next one would be no shorter, its records count as live until the partition has been read
// to its end.

export interface CatchUp {
  /**
   * Of the records before `next` that are about to be worked on: whether they are history. `high`: the end of the
   * partition as the broker said last; `ageMs`: for how long the first of them has waited there.
   */
  isHistory(chunk: {
    readonly next: number
    readonly high: number
    readonly ageMs: number
  }): boolean
  /** Records of the history that are still to come after `next`; 0 where none is being read. */
  left(next: number): number
}

export interface CatchUpOptions {
  readonly backlogAgeMs: number
  /** Records below this offset stood in the partition when this worker got it. */
  readonly endAtStart: number
  /** The first offset that is read. Above 0 somebody has read what was before it, or it was deleted for its age. */
  readonly start: number
}

/** A next history must be shorter than this share of the one before: else more arrives than can be learned. */
const shrinksTo = 0.9

export function createCatchUp({ backlogAgeMs, endAtStart, start }: CatchUpOptions): CatchUp {
  /** Records before this offset are history. */
  let until = endAtStart
  let length = Math.max(0, endAtStart - start)
  /** More arrives than can be learned: everything is live until the end was seen. */
  let overloaded = false
  let isBegun = false

  return {
    isHistory({ next, high, ageMs }) {
      if (!isBegun && start > 0 && ageMs < backlogAgeMs) {
        until = start
        length = 0
      }
      isBegun = true
      if (next <= until) return true
      if (next >= high) overloaded = false
      if (overloaded || ageMs < backlogAgeMs || next >= high) return false
      const waiting = high - next
      if (length > 0 && waiting >= shrinksTo * length) {
        overloaded = true
        length = 0
        return false
      }
      until = high
      length = waiting
      return true
    },
    left: (next) => Math.max(0, until - next),
  }
}
