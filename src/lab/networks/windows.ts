// The training log of a split as windows: consecutive positives of one user, with the items before them that their
// histories reach back to. A history holds only what comes before its target in the log, and no held-out item.

import type { WindowBatch } from '../../ports/sequence-learner.ts'
import type { Random } from '../../sample/random.ts'
import { usersOfEvents } from '../baselines/membership.ts'
import type { Split } from '../offline/leave-one-out.ts'

export interface WindowShape {
  /** Most targets of a window. */
  readonly targetsMax: number
  /** Items before the first target that a history can reach. */
  readonly reach: number
}

export interface Windows {
  readonly count: number
  /**
   * Windows order[from … to) with `negatives` uniform items; an item is no negative of a user who has it in training.
   */
  batch(order: Int32Array, from: number, to: number, negatives: number, random: Random): WindowBatch
}

export function createWindows(split: Split, { targetsMax, reach }: WindowShape): Windows {
  const { start, items, times } = split.train
  const users = usersOfEvents(split)
  const firsts: number[] = []
  for (let u = 0; u < split.users.length; u++) {
    for (let at = start[u]!; at < start[u + 1]!; at += targetsMax) firsts.push(at)
  }
  // has[i]: the mark of the newest user looked at who has item i.
  const has = new Int32Array(split.items.length)
  let mark = 0

  function standAgainst(user: number, drawn: Int32Array, allowed: Uint8Array, from: number): void {
    mark++
    for (let at = start[user]!; at < start[user + 1]!; at++) has[items[at]!] = mark
    for (let k = 0; k < drawn.length; k++) allowed[from + k] = has[drawn[k]!] === mark ? 0 : 1
  }

  return {
    count: firsts.length,
    batch(order, from, to, negatives, random) {
      const windows = to - from
      const bounds = Array.from({ length: windows }, (_, w) => {
        const first = firsts[order[from + w]!]!
        const user = users[first]!
        const since = Math.max(start[user]!, first - reach)
        return { user, first, since, end: Math.min(start[user + 1]!, first + targetsMax) }
      })
      const starts = new Int32Array(windows + 1)
      bounds.forEach(({ since, end }, w) => {
        starts[w + 1] = starts[w]! + end - since
      })
      const given = new Int32Array(starts[windows]!)
      const seconds = new Float64Array(starts[windows]!)
      const drawn = Int32Array.from({ length: negatives }, () => random.below(split.items.length))
      const allowed = new Uint8Array(windows * negatives)
      bounds.forEach(({ user, since, end }, w) => {
        given.set(items.subarray(since, end), starts[w]!)
        for (let at = since; at < end; at++) {
          seconds[starts[w]! + at - since] = (times[at]! - times[since]!) / 1000
        }
        standAgainst(user, drawn, allowed, w * negatives)
      })
      return {
        start: starts,
        targets: Int32Array.from(bounds, ({ first, end }) => end - first),
        items: given,
        times: seconds,
        before: Int32Array.from(bounds, ({ user, since }) => since - start[user]!),
        negatives: drawn,
        allowed,
        key: random.word() | 0,
      }
    },
  }
}
