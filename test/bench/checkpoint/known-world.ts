// Users and items that are known from the beginning, a few positives each, and events of theirs without end.

import { addAction, type TrainerBatch } from '../../../src/messages.ts'
import type { Random } from '../../../src/sample/random.ts'
import type { Core } from '../../../src/trainer/loop/core.ts'

const positivesEach = 6
/** Users who are told at once. */
const usersAtOnce = 5_000

export interface KnownWorld {
  /** Makes the core know all of them, as it learns of them from the store: without learning. */
  fill(core: Core): void
  batch(events: number): TrainerBatch
}

export function createKnownWorld(
  { users, items }: { readonly users: number; readonly items: number },
  random: Random,
): KnownWorld {
  let offset = 0

  /** Few items have many events. */
  function anItem(): number {
    return Math.floor(items * random.unit() ** 3)
  }

  function batchOf(who: Int32Array, what: Int32Array): Omit<TrainerBatch, 'snapshot'> {
    const n = who.length
    const time = () => 1_700_000_000_000 + offset * 1_000
    return {
      ...{ stream: 'events-0', newUsers: [], newItems: [], dead: {}, skipped: {} },
      ...{ users: who, items: what, actions: new Uint8Array(n).fill(addAction) },
      times: Float64Array.from(who, time),
      offsets: Float64Array.from(who, () => offset++),
      nextOffset: offset,
      forgotten: new Int32Array(0),
    }
  }

  return {
    fill(core) {
      const names = (kind: string, from: number, to: number) =>
        Array.from({ length: to - from }, (_, k) => `${kind}-${from + k}`)
      for (let from = 0; from < users; from += usersAtOnce) {
        const to = Math.min(users, from + usersAtOnce)
        const n = (to - from) * positivesEach
        const who = Int32Array.from({ length: n }, (_, k) => from + Math.floor(k / positivesEach))
        // Every item comes once, in the order of its number.
        const what = Int32Array.from(who, (_, k) => {
          return k < items / (users / usersAtOnce)
            ? Math.floor((from * items) / users) + k
            : anItem()
        })
        const newItems = from === 0 ? names('item', 0, items) : []
        const newUsers = names('user', from, to)
        core.take({ ...batchOf(who, what), newUsers, newItems, snapshot: true }, 0)
        while (core.hasWork) core.turn(1_000_000, 0)
        core.turn(1, 0)
      }
    },
    batch(events) {
      const who = Int32Array.from({ length: events }, () => Math.floor(random.unit() * users))
      return { ...batchOf(who, who.map(anItem)), snapshot: false }
    },
  }
}
