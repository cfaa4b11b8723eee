// Finds the users whose lists are too old, by going round all users a few at a time.

export interface StaleUsersOptions {
  /** A user's list is ranked again after at most this many events of the whole stream. */
  readonly staleAfterEvents: number
  /** Events when the user's list was last ranked. */
  readonly rankedAt: (user: number) => number
  /** Whether the user has a list and waits for no other. */
  readonly isCandidate: (user: number) => boolean
}

export interface StaleUsers {
  /** Looks at up to `max` of the first `users` users and returns those whose list is stale after `events` events. */
  next(max: number, users: number, events: number): number[]
  /** Where the next look begins: kept in checkpoints. */
  cursor: number
}

export function createStaleUsers(options: StaleUsersOptions): StaleUsers {
  let cursor = 0
  return {
    next(max, users, events) {
      const stale: number[] = []
      for (let looked = 0; looked < Math.min(max, users); looked++) {
        const user = cursor++ % users
        if (!options.isCandidate(user)) continue
        if (events - options.rankedAt(user) >= options.staleAfterEvents) stale.push(user)
      }
      return stale
    },
    get cursor() {
      return cursor
    },
    set cursor(at) {
      cursor = at
    },
  }
}
