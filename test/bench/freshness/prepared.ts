// What the freshness bench begins with: a worker's checkpoint over a large catalogue, and its users in Redis. To learn
// a catalogue of 100,000 from its events, and to make the lists of all their users, would take many times as long as
// the measurement: a real stream is learned and tiled instead, as for `lists`.

import type { Redis } from 'ioredis'
import { createDiskCheckpointStore } from '../../../src/adapters/disk/checkpoint-store.ts'
import { keysOf } from '../../../src/adapters/redis/keys.ts'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../../src/config.ts'
import type { Positives } from '../../../src/remember/positives.ts'
import { createCore } from '../../../src/trainer/loop/core.ts'
import { learnStream, nameAll, tile } from '../lists/tiled-world.ts'
import type { StreamEvent } from '../stream-events.ts'

/** Events that are learned, at most. */
const learnedMax = 40_000
const usersPerPipeline = 10_000

export interface Prepared {
  readonly redis: Redis
  /** Of the keys in Redis. */
  readonly prefix: string
  /** Of the checkpoint. */
  readonly directory: string
  readonly items: number
  /** Events that are still to come after those that are learned. */
  readonly rest: number
}

/**
 * Returns how many events of the stream the checkpoint has learned, from the first on.
 * @throws RangeError where the stream has no more than `rest` events
 */
export async function prepareWorker(
  stream: readonly StreamEvent[],
  { redis, prefix, directory, items, rest }: Prepared,
): Promise<number> {
  const learned = Math.min(learnedMax, stream.length - rest)
  if (learned <= 0) throw new RangeError(`${stream.length} events are too few for ${rest} and more`)
  const { config } = readConfig({ flags: { itemsMax: Math.max(1_000_000, items) }, env: {} })
  const core = createCore({ config, engine: createWasmEngine(), versionBase: undefined })
  tile(learnStream(core.learner, stream.slice(0, learned), items), items)
  nameAll(core)
  await fillRedis(redis, prefix, core.learner.positives)
  const bytesMax = config.checkpointBytesMax
  const store = createDiskCheckpointStore({ directory, kept: 2, bytesMax })
  await store.claimEpoch()
  await store.save(core.view(1))
  return learned
}

async function fillRedis(redis: Redis, prefix: string, { users, runs }: Positives): Promise<void> {
  const keys = keysOf(prefix)
  for (let from = 0; from < users; from += usersPerPipeline) {
    const pipeline = redis.pipeline()
    for (let user = from; user < Math.min(users, from + usersPerPipeline); user++) {
      const start = runs.start[user]!
      const timeOf = (place: number) => runs.times.at(start + place)
      const scored = Array.from(runs.itemsOf(user), (item, k) => [timeOf(k), `item-${item}`]).flat()
      if (scored.length > 0) pipeline.zadd(`${keys.stem(`user-${user}`)}:a`, ...scored)
    }
    await pipeline.exec()
  }
}
