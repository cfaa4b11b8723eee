// Every user's positive set, for good: the newest event per (user, item) wins, a tie goes to removal,
// so any order and any number of repeats of the same events gives the same set.
//
// apply() is called per batch, several at once for different streams; it resolves when all changes
// are as safe as the store promises, and may be called again with the same changes. scan() is called
// once at the start and may be slow; read() when a worker takes over users. Reads may see a user in the
// middle of a batch; the events that follow bring the rest. All reject with a Failure.

import type { Interaction, UserState } from '../types.ts'

export interface PositiveStore {
  apply(events: readonly Interaction[]): Promise<void>
  forget(users: readonly string[]): Promise<void>
  read(users: readonly string[]): Promise<UserState[]>
  scan(): AsyncIterable<UserState>
  close(): Promise<void>
}
