// The positive store of embedded runs: per user the newest time of each item added and removed, and of each ADD that is
// not full. Names stand in it once, as bytes, and sets are runs of numbers: a million users are a few arrays.
// Lives as long as the process; what must survive is in the checkpoint.

import type { PositiveStore, UserLimits } from '../../ports/positive-store.ts'
import { codeOf, fullAdd, keptState, weightedMember } from '../../strength.ts'
import type { Interaction, UserState } from '../../types.ts'
import { CountedNames, TimedNames } from './timed-names.ts'

const usersPerPage = 10_000

/** Resolves at once and never fails. */
export function memoryPositiveStore(
  limits: UserLimits,
): PositiveStore & { readonly bytes: () => number } {
  const users = new CountedNames()
  const names = new CountedNames()
  const added = new TimedNames(names)
  const removed = new TimedNames(names)
  const weighted = new TimedNames(names)

  function remember(event: Interaction): void {
    const user = users.find(event.user) ?? users.use(event.user)
    const { timestamp } = event
    const code = event.action === 'ADD' ? codeOf(event) : fullAdd
    if (event.action === 'REMOVE') removed.put(user, event.item, timestamp, limits.removed)
    else if (code === fullAdd) added.put(user, event.item, timestamp, limits.added)
    else weighted.put(user, weightedMember(event.item, code), timestamp, limits.added)
  }

  function drop(gone: readonly string[]): void {
    for (const name of gone) {
      const user = users.find(name)
      if (user === undefined) continue
      for (const set of [added, removed, weighted]) set.clear(user)
      users.drop(user)
    }
  }

  function stateOf(name: string): UserState {
    const user = users.find(name)
    if (user === undefined) return keptState(name, [], [], limits)
    return keptState(name, added.of(user), removed.of(user), limits, weighted.of(user))
  }

  function* pages(): Generator<string[]> {
    for (let from = 0; from < users.length; from += usersPerPage) {
      const some = users.slice(from, Math.min(users.length, from + usersPerPage))
      const there = some.filter((name) => name !== '')
      if (there.length > 0) yield there
    }
  }

  return {
    async apply(events) {
      for (const event of events) remember(event)
    },
    forget: async (gone) => drop(gone),
    evict: drop,
    read: async (wanted) => wanted.map(stateOf),
    async *names() {
      yield* pages()
    },
    async *scan() {
      for (const page of pages()) for (const user of page) yield stateOf(user)
    },
    async close() {
      for (const page of pages()) drop(page)
    },
    bytes: () =>
      [users, names, added, removed, weighted].reduce((sum, { bytes }) => sum + bytes, 0),
  }
}
