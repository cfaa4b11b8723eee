// Whether events come in the order of their times, as a live stream does, or user by user, as a sorted export does. The
// worker learns in the order in which it reads: what comes user by user is another stream than the one that was.

import type { Interaction } from '../types.ts'

export interface TimeOrder {
  add(event: Interaction): void
  /** Times in ms; undefined where no event came. */
  readonly times: {
    readonly first: number | undefined
    readonly last: number | undefined
    /** Events earlier than the one before. */
    readonly backwards: number
  }
  /** What is wrong with the order, in a sentence. */
  warning(): string | undefined
}

export interface TimeOrderOptions {
  /** The order of users is judged until this many users have come. */
  readonly usersMax: number
}

/** Of a sorted file: users come once each, give or take. */
const runsPerUserMax = 1.1
const usersMin = 3
const oneUserEventsMin = 100
const sharesMin = { events: 2, backwards: 0.05 }

export function createTimeOrder({ usersMax }: TimeOrderOptions): TimeOrder {
  const users = new Set<string>()
  let before: Interaction | undefined
  let first: number | undefined
  let last: number | undefined
  let backwards = 0
  let runs = 0
  let counted = 0
  let events = 0

  return {
    add(event) {
      events++
      if (before !== undefined && event.timestamp < before.timestamp) backwards++
      first = Math.min(first ?? event.timestamp, event.timestamp)
      last = Math.max(last ?? event.timestamp, event.timestamp)
      if (users.size < usersMax) {
        if (event.user !== before?.user) runs++
        users.add(event.user)
        counted++
      }
      before = event
    },
    get times() {
      return { first, last, backwards }
    },
    warning() {
      const remedy = 'sort it by time first, for example with sort -n on the column of times'
      if (users.size === 1 && events >= oneUserEventsMin) {
        return `all ${events} events are of one user, as files begin that are sorted by user; if it is one, ${remedy}`
      }
      if (backwards === 0) return undefined
      const byUser =
        users.size >= usersMin &&
        runs <= runsPerUserMax * users.size &&
        counted >= sharesMin.events * users.size
      if (byUser) {
        return `the events are sorted by user, not by time: the worker would learn them in that order; ${remedy}`
      }
      if (backwards < sharesMin.backwards * events) return undefined
      return `${backwards} of ${events} events are earlier than the one before them; ${remedy}`
    },
  }
}
