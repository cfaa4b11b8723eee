// Users whom the worker knew when it started and who have no list here: those of a log of the past that it was
// pretrained on. Each gets one when there is time, without an event to ask for it.

export interface UnlistedUsersOptions {
  /** Whether the user has something to make a list from, and neither has a list nor waits for one. */
  readonly lacksList: (user: number) => boolean
  /** Whether the user is as the store has them. */
  readonly isRead: (user: number) => boolean
}

export interface UnlistedUsers {
  /** Users 0 … users-1 were known at the start. */
  begin(users: number): void
  /** Takes out the next user; undefined where there is none, or none yet. */
  next(): number | undefined
}

export function createUnlistedUsers({ lacksList, isRead }: UnlistedUsersOptions): UnlistedUsers {
  let known = 0
  let at = 0
  return {
    begin(users) {
      known = users
      at = 0
    },
    next() {
      for (; at < known; at++) {
        if (!lacksList(at)) continue
        // They are read in this order.
        return isRead(at) ? at++ : undefined
      }
      return undefined
    },
  }
}
