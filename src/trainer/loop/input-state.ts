// What the learning side knows of the input besides what the model learned: the names behind the dense ids, how far
// each stream was read, and how many records were not interactions. It is saved in every checkpoint.

import type { StoreMark } from '../../messages.ts'
import { ChangedRows } from '../../ports/live-state.ts'
import { createLastUses, type LastUses } from '../../remember/eviction/recency.ts'
import { NameTable } from '../../remember/name-table.ts'
import type { Evictions } from '../../types.ts'
import { createLeavingItems, type LeavingItems } from '../evict/leaving-items.ts'

export interface InputState {
  /** Names by dense id; '' where an id stands for nobody now. */
  readonly users: NameTable
  readonly items: NameTable
  /** From now on the id stands for this name ('': nobody). */
  rename(kind: 'users' | 'items', id: number, name: string): void
  /** Names that the newest checkpoint does not have; new ones need no mark. */
  readonly changedNames: { readonly users: ChangedRows; readonly items: ChangedRows }
  readonly lastUses: { readonly users: LastUses; readonly items: LastUses }
  readonly leaving: LeavingItems
  /** Since the start. */
  readonly evictions: { -readonly [kind in keyof Evictions]: number }
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
  const names = { users: new NameTable(), items: new NameTable() }
  const changedNames = { users: new ChangedRows(6), items: new ChangedRows(6) }
  return {
    ...names,
    rename(kind, id, name) {
      changedNames[kind].mark(id)
      names[kind].rename(id, name)
    },
    changedNames,
    lastUses: { users: createLastUses(), items: createLastUses() },
    leaving: createLeavingItems(),
    evictions: { users: 0, items: 0 },
    positions: new Map(),
    marks: new Map(),
    dead: new Map(),
    skipped: new Map(),
    storeMark: undefined,
    unread,
  }
}

/**
 * What of the positive store is still to be read. Users whom a checkpoint knows and who were not yet compared with the
 * store may have been forgotten by another worker since: what is known of them is learned from, but they get no list
 * that no event asked for.
 */
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
