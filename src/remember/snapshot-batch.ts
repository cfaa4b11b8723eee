// What the positive store holds of some users, as a batch for the trainer.

import { addAction, type TrainerBatch } from '../messages.ts'
import { fullAdd } from '../strength.ts'
import type { UserState } from '../types.ts'
import type { Ids } from './ids.ts'
import { changesOf, columnsFor, firstOf } from './remember.ts'

/**
 * What the store holds of these users, for the trainer's mirror: remembered without being learned. Users and items
 * beyond the bounds are left out: nobody loses a place to what was only stored.
 */
export function snapshotBatch(states: readonly UserState[], users: Ids, items: Ids): TrainerBatch {
  const sizeOf = ({ added, removed, weighted = [] }: UserState): number =>
    added.length + removed.length + weighted.length
  const n = states.reduce((sum, state) => sum + sizeOf(state), 0)
  const columns = columnsFor(n)
  const isPlain = states.every(({ weighted }) => weighted === undefined)
  const strengths = isPlain ? undefined : new Uint16Array(n)
  let kept = 0
  const put = (u: number, item: string, time: number, action: number, code = fullAdd) => {
    const i = items.stored(item)
    if (u < 0 || i < 0) return
    columns.users[kept] = u
    columns.items[kept] = i
    columns.times[kept] = time
    if (strengths !== undefined) strengths[kept] = code
    columns.actions[kept++] = action
  }
  const gone: number[] = []
  for (const state of states) {
    const { user, added, removed, weighted = [] } = state
    const isEmpty = sizeOf(state) === 0
    const u = isEmpty ? users.find(user) : users.stored(user)
    if (u === undefined) continue
    if (isEmpty) gone.push(u)
    for (const [item, time] of removed) put(u, item, time, 1 - addAction)
    for (const [item, time] of added) put(u, item, time, addAction)
    for (const [item, time, code] of weighted) put(u, item, time, addAction, code)
  }
  return {
    stream: '',
    snapshot: true,
    nextOffset: 0,
    newUsers: users.takeNew(),
    newItems: items.takeNew(),
    ...changesOf({ changedUsers: users.takeChanges(), changedItems: items.takeChanges() }),
    ...firstOf(columns, kept),
    ...(strengths && { strengths: strengths.slice(0, kept) }),
    forgotten: Int32Array.from(gone),
    dead: {},
    skipped: {},
  }
}
