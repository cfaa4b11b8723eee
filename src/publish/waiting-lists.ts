// Lists that wait to be written, in order, with marks between them. Beyond a bound only the newest of each user is
// kept.

import type { RankedList } from '../messages.ts'
import type { TopList } from '../types.ts'

export interface Waiting {
  /** The user's name, or the mark that stands here between lists. */
  readonly key: string | symbol
  /** undefined for a mark, and for a user who was forgotten. */
  readonly list: TopList | undefined
  readonly version: number
  readonly ranked?: RankedList
}

export interface WaitingLists {
  readonly length: number
  put(one: Waiting): void
  /** Takes out the oldest. */
  take(most: number): Waiting[]
  /** Takes out all lists and marks; users who were forgotten stay. Returns the users of the lists. */
  withdrawLists(): number[]
}

export function createWaitingLists(waitingMax: number): WaitingLists {
  let queue: Waiting[] = []
  let thinAt = waitingMax

  return {
    get length() {
      return queue.length
    },
    put(one) {
      queue.push(one)
      if (queue.length <= thinAt) return
      const newest = new Map(queue.map((each) => [each.key, each]))
      queue = [...newest.values()]
      // Where nothing could be left out, the next look is worth it only once the queue has grown.
      thinAt = Math.max(waitingMax, 2 * queue.length)
    },
    take(most) {
      const oldest = queue.slice(0, most)
      queue = queue.slice(oldest.length)
      return oldest
    },
    withdrawLists() {
      const users = queue.flatMap(({ ranked }) => ranked?.user ?? [])
      queue = queue.filter(({ key, list }) => list === undefined && typeof key !== 'symbol')
      return users
    },
  }
}
