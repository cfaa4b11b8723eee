// The positive store of embedded runs: per user the newest time of each item added and removed, and of each ADD that is
// not full.
// Lives as long as the process; what must survive is in the checkpoint.

import type { PositiveStore, UserLimits } from '../../ports/positive-store.ts'
import { codeOf, fullAdd, keptState, newest, weightedMember } from '../../strength.ts'
import type { Interaction, UserState } from '../../types.ts'

/** An empty Map takes 200 bytes, and most users have only one that is not. */
interface Sets {
  added: Map<string, number> | undefined
  removed: Map<string, number> | undefined
  weighted: Map<string, number> | undefined
}

/** Resolves at once and never fails. */
export function memoryPositiveStore(limits: UserLimits): PositiveStore {
  const users = new Map<string, Sets>()
  return {
    async apply(events) {
      for (const event of events) remember(users, event, limits)
    },
    async forget(gone) {
      for (const user of gone) users.delete(user)
    },
    evict(gone) {
      for (const user of gone) users.delete(user)
    },
    async read(wanted) {
      return wanted.map((user) => stateOf(user, users.get(user), limits))
    },
    async *names() {
      if (users.size > 0) yield [...users.keys()]
    },
    async *scan() {
      for (const [user, sets] of users) yield stateOf(user, sets, limits)
    },
    async close() {
      users.clear()
    },
  }
}

function remember(users: Map<string, Sets>, event: Interaction, limits: UserLimits): void {
  const sets = users.get(event.user) ?? {
    added: undefined,
    removed: undefined,
    weighted: undefined,
  }
  users.set(event.user, sets)
  const code = event.action === 'ADD' ? codeOf(event) : fullAdd
  const isFull = code === fullAdd
  const side = event.action === 'REMOVE' ? 'removed' : isFull ? 'added' : 'weighted'
  const name = isFull ? event.item : weightedMember(event.item, code)
  const times = (sets[side] ??= new Map<string, number>())
  const known = times.get(name)
  if (known !== undefined && known >= event.timestamp) return
  times.set(name, event.timestamp)
  const limit = side === 'removed' ? limits.removed : limits.added
  // Trimming sorts, so it waits until an eighth more than the limit has gathered.
  if (times.size > limit + Math.max(16, limit / 8)) {
    sets[side] = new Map(newest([...times], limit))
  }
}

function stateOf(user: string, sets: Sets | undefined, limits: UserLimits): UserState {
  const timed = (side: keyof Sets) => [...(sets?.[side] ?? [])]
  return keptState(user, timed('added'), timed('removed'), limits, timed('weighted'))
}
