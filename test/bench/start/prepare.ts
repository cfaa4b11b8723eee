// What the start bench begins with: users in Redis, a checkpoint that knows them, and an event of one of them.

import type { Redis } from 'ioredis'
import { createDiskCheckpointStore } from '../../../src/adapters/disk/checkpoint-store.ts'
import { keysOf } from '../../../src/adapters/redis/keys.ts'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../../src/config.ts'
import { createIds } from '../../../src/remember/ids.ts'
import { snapshotBatch } from '../../../src/remember/snapshot-batch.ts'
import { createCore } from '../../../src/trainer/loop/core.ts'
import type { UserState } from '../../../src/types.ts'
import { createCodec } from '../../../src/wire/avro.ts'
import { interactionSchema } from '../../../src/wire/schemas.ts'
import type { Entry } from '../../e2e/journal.ts'

const itemsPerUser = 5
const items = 10_000
const usersPerPipeline = 10_000
const startMs = 1_700_000_000_000
const codec = createCodec<NonNullable<Entry['event']>>(interactionSchema)

const nameOf = (user: number): string => `user-${user}`

/** The items of a user, popular ones more often, with the time of each. */
function positivesOf(user: number): [string, number][] {
  return Array.from({ length: itemsPerUser }, (_, k) => {
    const unit = ((user * 7919 + k * 104_729) % 1_000_003) / 1_000_003
    return [`item-${Math.floor(items * unit ** 2)}`, startMs + 1_000 * ((user + k) % 1_000_000)]
  })
}

export async function fillStore(redis: Redis, prefix: string, users: number): Promise<void> {
  const keys = keysOf(prefix)
  for (let from = 0; from < users; from += usersPerPipeline) {
    const pipeline = redis.pipeline()
    for (let user = from; user < Math.min(users, from + usersPerPipeline); user++) {
      const scored = positivesOf(user).flatMap(([item, time]) => [time, item])
      pipeline.zadd(`${keys.stem(nameOf(user))}:a`, ...scored)
    }
    await pipeline.exec()
  }
}

/** A checkpoint of a worker with all default settings that has read these users. */
export async function knowingCheckpoint(directory: string, users: number): Promise<void> {
  // What a worker reads of a store it would learn in time: this one has.
  const { config } = readConfig({ flags: { debtEventsMax: 0 }, env: {} })
  const core = createCore({ config, engine: createWasmEngine(), versionBase: undefined })
  const ids = [createIds(config.usersMax), createIds(config.itemsMax)] as const
  for (let from = 0; from < users; from += usersPerPipeline) {
    const length = Math.min(usersPerPipeline, users - from)
    const states = Array.from({ length }, (_, k): UserState => {
      return { user: nameOf(from + k), added: positivesOf(from + k), removed: [] }
    })
    core.take(snapshotBatch(states, ...ids), 0)
    while (core.hasWork) core.turn(10_000, 0)
  }
  const store = createDiskCheckpointStore({
    directory,
    kept: 2,
    bytesMax: config.checkpointBytesMax,
  })
  await store.claimEpoch()
  await store.save(core.snapshot(1))
}

/** The n-th event of the bench, of a user that Redis and the checkpoint know. */
export function eventEntry(n: number): Entry {
  const user = nameOf(n)
  const event = {
    user,
    item: `item-${n}`,
    timestamp: startMs + 2_000_000_000 + n,
    action: 'ADD',
  } as const
  return { key: user, value: codec.encode(event), event }
}
