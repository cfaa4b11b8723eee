// Reads the positive sets out of a checkpoint. Knows the names of the tensors and nothing of learning.

import type { Checkpoint } from '../ports/checkpoint-store.ts'
import type { UserState } from '../types.ts'
import { readWithheld } from './withheld-items.ts'

/** Every user's positive set as a checkpoint holds it, in order of event time, for stores and exports. */
export function* userStatesOf(checkpoint: Checkpoint): Iterable<UserState> {
  const { tensors, texts } = checkpoint
  const users = texts.get('users') ?? []
  const items = texts.get('items') ?? []
  const read = (name: string) => tensors.get(name)?.data ?? new Int32Array(0)
  const runOf = (kind: string, user: number): [string, number][] => {
    const start = read(`${kind}.start`)[user]!
    const run = read(`${kind}.items`).subarray(start, start + read(`${kind}.length`)[user]!)
    return Array.from(run, (item, place) => [items[item]!, read(`${kind}.times`)[start + place]!])
  }
  const withheld = new Map<number, [string, number]>()
  const saved = tensors.get('withheld')
  for (const [user, item, time] of saved === undefined ? [] : readWithheld(saved)) {
    withheld.set(user, [items[item]!, time])
  }
  for (let user = 0; user < read('positives.start').length; user++) {
    const isEarlier = user < read('earlier.start').length
    const added = [...(isEarlier ? runOf('earlier', user) : []), ...runOf('positives', user)]
    const own = withheld.get(user)
    if (own !== undefined) {
      const after = added.findIndex(([, time]) => time > own[1])
      added.splice(after < 0 ? added.length : after, 0, own)
    }
    yield { user: users[user]!, added, removed: runOf('removals', user) }
  }
}
