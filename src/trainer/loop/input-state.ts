// What the learning side knows of the input besides what the model learned: the names behind the dense ids, how far
// each stream was read, and how many records were not interactions. It is saved in every checkpoint.

import type { StoreMark } from '../../messages.ts'
import { createUnreadUsers, type UnreadUsers } from '../lists/unread-users.ts'

export interface InputState {
  /** Names by dense id. */
  readonly users: string[]
  readonly items: string[]
  /** For each stream the offset after the last record that was worked on. */
  readonly positions: Map<string, number>
  /** By stream, how its source recognises it again; empty for sources that need no such mark. */
  readonly marks: Map<string, string>
  /** Records that were not interactions, by reason. */
  readonly dead: Map<string, number>
  readonly skipped: Map<string, number>
  /** How to recognise the store that the events were written to. */
  storeMark: StoreMark | undefined
  /** Not saved: every start reads anew. */
  readonly unread: UnreadUsers
}

export function createInputState(unread: UnreadUsers = createUnreadUsers()): InputState {
  return {
    users: [],
    items: [],
    positions: new Map(),
    marks: new Map(),
    dead: new Map(),
    skipped: new Map(),
    storeMark: undefined,
    unread,
  }
}

export function addCounts(from: Readonly<Record<string, number>>, into: Map<string, number>): void {
  for (const [reason, count] of Object.entries(from)) {
    into.set(reason, (into.get(reason) ?? 0) + count)
  }
}
