// The positive store of embedded runs: two maps per user, the newest time of each item added and removed.
// Lives as long as the process; what must survive is in the checkpoint.

import type { PositiveStore, UserLimits } from '../../ports/positive-store.ts'
import type { Interaction, UserState } from '../../types.ts'
import { keptState, newest } from './kept-state.ts'

interface Sets {
  added: Map<string, number>
  removed: Map<string, number>
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
  const sets = users.get(event.user) ?? { added: new Map(), removed: new Map() }
  users.set(event.user, sets)
  const side = event.action === 'ADD' ? 'added' : 'removed'
  const times = sets[side]
  const known = times.get(event.item)
  if (known !== undefined && known >= event.timestamp) return
  times.set(event.item, event.timestamp)
  // Trimming sorts, so it waits until an eighth more than the limit has gathered.
  if (times.size > limits[side] + Math.max(16, limits[side] / 8)) {
    sets[side] = new Map(newest([...times], limits[side]))
  }
}

function stateOf(user: string, sets: Sets | undefined, limits: UserLimits): UserState {
  return keptState(user, [...(sets?.added ?? [])], [...(sets?.removed ?? [])], limits)
}
