// Reads the positive sets out of a checkpoint. Knows the names of the tensors and nothing of learning.

import type { Checkpoint } from '../ports/checkpoint-store.ts'
import { fullAdd } from '../strength.ts'
import type { UserState } from '../types.ts'
import { readStrengths } from './times/strengths.ts'
import { readWithheld } from './unlearned-items.ts'

/** Every user's positive set as a checkpoint holds it, in order of event time, for stores and exports. */
export function* userStatesOf(checkpoint: Checkpoint): Iterable<UserState> {
  const { tensors, texts } = checkpoint
  const users = texts.get('users') ?? []
  const items = texts.get('items') ?? []
  const read = (name: string) => tensors.get(name)?.data ?? new Int32Array(0)
  const runOf = (kind: string, user: number): [string, number][] => {
    const start = read(`${kind}.start`)[user]!
    const run = read(`${kind}.items`).subarray(start, start + read(`${kind}.length`)[user]!)
    return Array.from(run, (item, place) => [
      items.at(item)!,
      read(`${kind}.times`)[start + place]!,
    ])
  }
  const strengthsOf = readStrengths(tensors)
  const withheld = new Map<number, [string, number]>()
  for (const [user, item, time] of readWithheld(tensors.get('withheld'))) {
    withheld.set(user, [items.at(item)!, time])
  }
  for (let user = 0; user < read('positives.start').length; user++) {
    const isEarlier = user < read('earlier.start').length
    const added = [...(isEarlier ? runOf('earlier', user) : []), ...runOf('positives', user)]
    const own = withheld.get(user)
    if (own !== undefined) {
      const after = added.findIndex(([, time]) => time > own[1])
      added.splice(after < 0 ? added.length : after, 0, own)
    }
    const state = { user: users.at(user)!, added, removed: runOf('removals', user) }
    const noted = strengthsOf(user).map(
      ([item, time, code]) => [items.at(item)!, time, code] as const,
    )
    yield noted.length === 0 ? state : withStrengths(state, noted)
  }
}

/** Items that have strengths were added in full only where these say so. */
function withStrengths(
  { user, added, removed }: UserState,
  noted: NonNullable<UserState['weighted']>,
): UserState {
  const isNoted = new Set(noted.map(([item]) => item))
  const full = noted
    .filter(([, , code]) => code === fullAdd)
    .map(([item, time]) => [item, time] as const)
  const inFull = [...added.filter(([item]) => !isNoted.has(item)), ...full]
  return {
    user,
    added: inFull.sort((a, b) => a[1] - b[1]),
    removed,
    weighted: noted.filter(([, , code]) => code !== fullAdd),
  }
}
