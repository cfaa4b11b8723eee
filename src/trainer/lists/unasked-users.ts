// Users who get a list that no event asks for, and the policy of it: only while nothing else is to be done, so under
// load these lists are the first to be left out. First come users whom the worker knew when it started and who have no
// list, such as those of a log of the past that it was pretrained on. Then come users who were active lately and whose
// list is so old that the model has changed since.

export interface UnaskedOptions {
  /** A list is stale when the model has learned this many events since. */
  readonly staleAfterEvents: number
  /** Only of users whose newest event is at most this much older, in ms, than the newest of the stream. */
  readonly staleActiveMs: number
  /** Event time of the newest event of the stream, in ms. */
  readonly now: () => number
  /** Events when the user's list was last ranked. */
  readonly rankedAt: (user: number) => number
  /** Event time in ms of the newest event that the user's list reflects; undefined: the user has no list. */
  readonly listedAt: (user: number) => number | undefined
  /** Whether the user waits for a list that an event asked for. */
  readonly waits: (user: number) => boolean
  readonly hasPositives: (user: number) => boolean
  /** Whether the user is as the store has them. */
  readonly isRead: (user: number) => boolean
}

export interface UnaskedUsers {
  /** Users 0 … users-1 were known at the start. */
  begin(users: number): void
  /** Takes out the next of them who has no list; undefined where there is none, or none yet. */
  nextUnlisted(): number | undefined
  /** Looks at up to `max` of the first `users` users and returns those whose list is stale after `events` events. */
  stale(max: number, users: number, events: number): number[]
  /** Where the next look for stale lists begins: kept in checkpoints. */
  cursor: number
}

export function createUnaskedUsers(options: UnaskedOptions): UnaskedUsers {
  const { staleAfterEvents, staleActiveMs, now, rankedAt, listedAt, waits, isRead } = options
  let cursor = 0
  let known = 0
  let at = 0

  const lacksList = (user: number): boolean =>
    listedAt(user) === undefined && !waits(user) && options.hasPositives(user)

  function isStale(user: number, events: number): boolean {
    if (events - rankedAt(user) < staleAfterEvents) return false
    const listed = listedAt(user)
    if (listed === undefined || now() - listed > staleActiveMs) return false
    return !waits(user) && isRead(user)
  }

  return {
    begin(users) {
      known = users
      at = 0
    },
    nextUnlisted() {
      for (; at < known; at++) {
        if (!lacksList(at)) continue
        // They are read in this order.
        return isRead(at) ? at++ : undefined
      }
      return undefined
    },
    stale(max, users, events) {
      const stale: number[] = []
      for (let looked = 0; looked < Math.min(max, users); looked++) {
        const user = cursor++ % users
        if (isStale(user, events)) stale.push(user)
      }
      return stale
    },
    get cursor() {
      return cursor
    },
    set cursor(given) {
      cursor = given
    },
  }
}
