// Everybody's positive set out of Redis, by user, items by event time. Claims nothing: a worker may be writing
// meanwhile.

import { redisOptionsFrom } from '../adapters/redis/from-config.ts'
import { redisPositiveStore } from '../adapters/redis/positive-store.ts'
import type { Config } from '../config.ts'
import type { Io } from '../io.ts'
import { ownedItems } from '../strength.ts'

export interface UserItems {
  readonly user: string
  readonly items: readonly string[]
}

export async function redisPositives(config: Config, io: Io): Promise<UserItems[]> {
  const log = { warn: (message: string) => void io.stderr.write(`${message}\n`) }
  const around = { monotonicMs: io.elapsedMs, wallMs: io.nowMs, log, hasWeights: true }
  const store = redisPositiveStore(redisOptionsFrom(config, around))
  try {
    // A scan may give a user twice.
    const sets = new Map<string, readonly string[]>()
    for await (const state of store.scan()) {
      sets.set(
        state.user,
        ownedItems(state).map(({ item }) => item),
      )
    }
    return [...sets]
      .filter(([, items]) => items.length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([user, items]) => ({ user, items }))
  } finally {
    await store.close()
  }
}
