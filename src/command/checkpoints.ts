// Reading checkpoints for the commands that only look. Claims nothing: a worker may be writing meanwhile.

import { createDiskCheckpointStore } from '../adapters/disk/checkpoint-store.ts'
import type { Config } from '../config.ts'
import { Failure } from '../errors.ts'
import type { Checkpoint, SavedCheckpoint } from '../ports/checkpoint-store.ts'

type Place = Pick<Config, 'checkpoints' | 'checkpointsKept' | 'checkpointBytesMax'>

export async function newestCheckpoint(config: Place): Promise<Checkpoint> {
  return (await newestFound(config)).checkpoint
}

export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint
  /** The oldest first, itself last. */
  readonly madeOf: readonly SavedCheckpoint[]
}

/** @throws Failure SOURCE_UNREADABLE when there is none */
export async function newestFound(config: Place): Promise<FoundCheckpoint> {
  const store = createDiskCheckpointStore({
    directory: config.checkpoints,
    kept: config.checkpointsKept,
    bytesMax: config.checkpointBytesMax,
  })
  const { checkpoint, refused, madeOf = [] } = await store.latest()
  if (checkpoint !== undefined) return { checkpoint, madeOf }
  const why = refused.map((one) => `${one.name}: ${one.why}`).join('; ')
  const advice = 'name the directory with --checkpoints, or make one with `neupr-worker run`'
  throw new Failure(
    'SOURCE_UNREADABLE',
    why === ''
      ? `there is no checkpoint in ${config.checkpoints}: ${advice}`
      : `no checkpoint in ${config.checkpoints} can be used (${why}): ${advice}`,
  )
}
