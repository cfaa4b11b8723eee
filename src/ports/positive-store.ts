// Every user's positive set, for good: the newest event per (user, item) wins, a tie goes to removal,
// so any order and any number of repeats of the same events gives the same set.
//
// A store keeps of each user the newest `added` ADDs and the newest `removed` REMOVEs (by event time, ties
// by the bytes of the item). A REMOVE that was dropped is never undone by a late repeat of its ADD: once a
// user has `removed` REMOVEs, ADDs at or before the oldest of them are not reported.
//
// apply() is called per batch, several at once for different streams; it resolves when all changes
// are as safe as the store promises, and may be called again with the same changes. forget() drops all of
// a user; events applied later start anew, so the caller applies the events before it first. names() gives
// the names of all users, page by page, beside other calls; it may be slow and may give a user twice. scan()
// gives their states as well. read() is called when a worker meets users and gives one state per user asked
// for, in that order, empty for strangers. Reads may see a user in the middle of a batch; the events that
// follow bring the rest. All reject with a Failure.

import type { Interaction, UserState } from '../types.ts'

/** How many the store keeps of one user, each at least 1. */
export interface UserLimits {
  readonly added: number
  readonly removed: number
}

/**
 * Users who are owed a list for records of a stream that were committed before the list was out: for whoever reads the
 * stream next. Forgotten users are owed nothing. All reject with a Failure.
 */
export interface OwedUsers {
  /** `owed`: users and the offset of their newest record, which stays the newest whatever the order. */
  add(stream: string, owed: readonly OwedUser[]): Promise<void>
  remove(stream: string, users: readonly string[]): Promise<void>
  /** Those with the highest offsets below `before`, highest first. */
  page(stream: string, before: number, most: number): Promise<OwedUser[]>
}

export type OwedUser = readonly [user: string, offset: number]

export interface PositiveStore {
  apply(events: readonly Interaction[]): Promise<void>
  forget(users: readonly string[]): Promise<void>
  read(users: readonly string[]): Promise<UserState[]>
  names(): AsyncIterable<readonly string[]>
  scan(): AsyncIterable<UserState>
  /** Absent: the store keeps no record of who is owed a list. */
  readonly owed?: OwedUsers
  /** The model holds these users no more: a store that lives only as long as the process need not, either. */
  evict?(users: readonly string[]): void
  close(): Promise<void>
}
