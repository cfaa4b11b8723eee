// For how long a member may speak for its partitions. The group gives them to others once it has not heard of the
// member for a session; the member cannot be told of that in time, so it falls silent before by its own clock.

import type { Tenure } from '../../../ports/event-source.ts'

export interface LeaseOptions {
  /** The group gives a member up this long after the newest request that it heard. */
  readonly sessionMs: number
  /** Monotonic ms. */
  readonly now: () => number
  /** The member can no longer tell what is its own. */
  readonly onLost: () => void
}

export interface Lease {
  readonly tenure: Tenure
  /** The coordinator has answered a request that was sent then. */
  heard(sentMs: number): void
  joined(streams: readonly string[], sentMs: number): void
  /** The group is being formed anew, or the member was put out of it. */
  lost(): void
  /** A batch of this tenure is in the worker's hands, which from here on makes lists of it. */
  began(tenure: Tenure): void
  /** As in EventSource. */
  holds(stream: string | undefined): boolean | undefined
  /** Resolves when holds() may say something else. */
  changed(): Promise<void>
}

/**
 * Share of the session that what is written may take until it has arrived: the lease ends so much earlier, and no
 * write is under way for longer.
 */
export const writingShare = 1 / 3

export function createLease({ sessionMs, now, onLost }: LeaseOptions): Lease {
  const lastsMs = sessionMs - sessionMs * writingShare
  let tenure: Tenure = { streams: [] }
  let begun: Tenure | undefined
  let settled = false
  let heardMs = Number.NEGATIVE_INFINITY
  let waiting: (() => void)[] = []

  function wake(): void {
    const all = waiting
    waiting = []
    for (const one of all) one()
  }

  return {
    get tenure() {
      return tenure
    },
    heard(sentMs) {
      heardMs = Math.max(heardMs, sentMs)
      wake()
    },
    joined(streams, sentMs) {
      tenure = { streams }
      settled = true
      heardMs = Math.max(heardMs, sentMs)
      wake()
    },
    lost() {
      if (!settled) return
      settled = false
      onLost()
    },
    began(given) {
      if (begun === given) return
      begun = given
      wake()
    },
    holds(stream) {
      if (!settled) return undefined
      if (begun !== tenure) return false
      if (stream !== undefined && !tenure.streams.includes(stream)) return false
      return now() - heardMs < lastsMs ? true : undefined
    },
    changed: () => new Promise((resolve) => waiting.push(resolve)),
  }
}
