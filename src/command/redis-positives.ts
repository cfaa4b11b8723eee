// Everybody's positive set out of Redis, by user, items by event time. Claims nothing: a worker may be writing
// meanwhile.

import { redisOptionsFrom } from '../adapters/redis/from-config.ts'
import { redisPositiveStore } from '../adapters/redis/positive-store.ts'
import type { Config } from '../config.ts'
import type { UserState } from '../types.ts'
import type { Io } from '../worker/io.ts'

export interface UserItems {
  readonly user: string
  readonly items: readonly string[]
}

export async function redisPositives(config: Config, io: Io): Promise<UserItems[]> {
  const log = { warn: (message: string) => void io.stderr.write(`${message}\n`) }
  const around = { monotonicMs: io.elapsedMs, wallMs: io.nowMs, log }
  const store = redisPositiveStore(redisOptionsFrom(config, around))
  try {
    // A scan may give a user twice.
    const sets = new Map<string, readonly string[]>()
    for await (const state of store.scan()) sets.set(state.user, ownedItems(state))
    return [...sets]
      .filter(([, items]) => items.length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([user, items]) => ({ user, items }))
  } finally {
    await store.close()
  }
}

/** What is added and not removed at or after that, oldest first. */
function ownedItems({ added, removed }: UserState): string[] {
  const gone = new Map(removed)
  return added
    .filter(([item, time]) => (gone.get(item) ?? Number.NEGATIVE_INFINITY) < time)
    .sort((a, b) => a[1] - b[1])
    .map(([item]) => item)
}
