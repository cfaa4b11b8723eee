// The last list of each user: a hash of its content, and when it was ranked and sent.

import type { ChangedRows } from '../../ports/live-state.ts'

/** Hash 0 means that there is no list yet, or that a restart may have lost it. */
export interface SentLists {
  hash(user: number): number
  /** Remembers the hash of the newest list, and after how many events it was ranked. */
  ranked(user: number, hash: number, events: number): void
  /** Events when the user's list was last ranked; -1: never. */
  rankedAt(user: number): number
  /** Monotonic ms; -Infinity: not yet. */
  sentAt(user: number): number
  sent(user: number, nowMs: number): void
  /** The next list of the user goes out even if it has not changed. */
  forget(user: number): void
  forgetAll(): void
  /** All users who ever had a list are below. */
  readonly users: number
}

/** `changed`: gets a mark for every user of whom something else is remembered than before. */
export function createSentLists(changed: ChangedRows): SentLists {
  let hashes = new Int32Array(256)
  let rankedAt = new Float64Array(256).fill(-1)
  let sentAt = new Float64Array(256).fill(Number.NEGATIVE_INFINITY)
  let users = 0

  function growFor(user: number): void {
    if (user < hashes.length) return
    const size = Math.max(user + 1, 2 * hashes.length)
    hashes = grown(hashes, new Int32Array(size))
    rankedAt = grown(rankedAt, new Float64Array(size).fill(-1))
    sentAt = grown(sentAt, new Float64Array(size).fill(Number.NEGATIVE_INFINITY))
  }

  return {
    hash: (user) => hashes[user] ?? 0,
    ranked(user, hash, events) {
      growFor(user)
      hashes[user] = hash
      rankedAt[user] = events
      users = Math.max(users, user + 1)
      changed.mark(user)
    },
    rankedAt: (user) => rankedAt[user] ?? -1,
    sentAt: (user) => sentAt[user] ?? Number.NEGATIVE_INFINITY,
    sent(user, nowMs) {
      growFor(user)
      sentAt[user] = nowMs
    },
    forget(user) {
      if (user < hashes.length) hashes[user] = 0
      changed.mark(user)
    },
    forgetAll() {
      hashes.fill(0)
      changed.markAll()
    },
    get users() {
      return users
    },
  }
}

/** The larger array, beginning with the smaller one. */
function grown<A extends Int32Array | Float64Array>(from: A, into: A): A {
  into.set(from as never)
  return into
}
