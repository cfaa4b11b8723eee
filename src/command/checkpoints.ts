// Reading checkpoints for the commands that only look. Claims nothing: a worker may be writing meanwhile.

import { createDiskCheckpointStore } from '../adapters/disk/checkpoint-store.ts'
import type { Config } from '../config.ts'
import { Failure } from '../errors.ts'
import type { Checkpoint } from '../ports/checkpoint-store.ts'

type Place = Pick<Config, 'checkpoints' | 'checkpointsKept' | 'checkpointBytesMax'>

/** @throws Failure SOURCE_UNREADABLE when there is none */
export async function newestCheckpoint(config: Place): Promise<Checkpoint> {
  const store = createDiskCheckpointStore({
    directory: config.checkpoints,
    kept: config.checkpointsKept,
    bytesMax: config.checkpointBytesMax,
  })
  const { checkpoint, refused } = await store.latest()
  if (checkpoint !== undefined) return checkpoint
  const why = refused.map((one) => `${one.name}: ${one.why}`).join('; ')
  const advice = 'name the directory with --checkpoints, or make one with `neupr-worker run`'
  throw new Failure(
    'SOURCE_UNREADABLE',
    `no usable checkpoint in ${config.checkpoints}${why === '' ? '' : ` (${why})`}: ${advice}`,
  )
}
