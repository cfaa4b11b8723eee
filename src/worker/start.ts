// What a start goes on from: the newest checkpoint, its numbers, and whether others read along.

import { storeMarkOf } from '../trainer/loop/state.ts'
import { placeOf } from './open.ts'
import type { Start } from './options.ts'
import { openCheckpoints } from './state.ts'

/** Reads only: the checkpoints may be those of a worker that is running, and this start come to nothing. */
export async function readState({ config, logger, fresh }: Start) {
  const checkpoints = openCheckpoints(config)
  const { checkpoint: found, newest, refused } = await checkpoints.latest()
  for (const { name, why } of refused) logger.warn('a checkpoint was passed over', { name, why })
  const since = found === undefined ? undefined : storeMarkOf(found)
  return {
    checkpoints,
    resume: fresh ? undefined : found,
    nextGeneration: newest + 1,
    /** The number of this start. From here on no older worker can save here. */
    claimCheckpoints: async () =>
      // Above all that wrote lists from here, with whatever store.
      Math.max(await checkpoints.claimEpoch(), (since?.epoch ?? 0) + 1),
  }
}

/** Whether others may read the same topic. */
export function isShared({ config, logger, source }: Start): boolean {
  if (source !== undefined || placeOf('source', config.source).scheme !== 'kafka') return false
  if (config.redis === '') {
    logger.warn('positives are in memory: a crash loses those since the last checkpoint')
  }
  return true
}
