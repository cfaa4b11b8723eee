// What of the positive store is still to be read. Users whom a checkpoint knows and who were not yet compared with the
// store may have been forgotten by another worker since: what is known of them is learned from, but no list goes out
// that no event asked for.

export interface UnreadUsers {
  /** Users 0 … users-1 are to be read. */
  add(users: number): void
  has(user: number): boolean
  delete(user: number): void
  /** Not every user of the store is known: a scan of it is under way. No checkpoint is written meanwhile. */
  isStoreUnread: boolean
}

export function createUnreadUsers(): UnreadUsers {
  let unread = new Uint8Array(0)
  return {
    add(users) {
      unread = new Uint8Array(users).fill(1)
    },
    isStoreUnread: false,
    has: (user) => unread[user] === 1,
    delete(user) {
      if (user < unread.length) unread[user] = 0
    },
  }
}
