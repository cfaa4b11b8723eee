// Whose the streams are, as a source that shares its input with other readers hears it. The source tells; what follows
// from that for lists and positions is decided in publish/ownership.ts. Times are monotonic ms.

/** What a group has given to this reader; a new object whenever that has changed. */
export interface Assignment {
  readonly streams: readonly string[]
}

export interface GroupWatcher {
  /** The group has given this reader these streams, by a request that was sent at `sentMs`. */
  assigned(assignment: Assignment, sentMs: number): void
  /** The group has answered a request that was sent at `sentMs`: until a session later it gives nothing away. */
  heard(sentMs: number): void
  /** The group is being formed anew, or this reader was put out of it. */
  revoked(): void
}
