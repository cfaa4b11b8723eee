// What a start goes on from: the newest checkpoint, its numbers, and whether others read along.

import { storeMarkOf } from '../../trainer/state.ts'
import { placeOf } from './open.ts'
import { openCheckpoints } from './state.ts'
import type { WorkerOptions } from './worker.ts'

type Start = Pick<WorkerOptions, 'config' | 'logger' | 'fresh' | 'source'>

export async function openState({ config, logger, fresh }: Start) {
  const checkpoints = openCheckpoints(config)
  const epoch = await checkpoints.claimEpoch()
  const { checkpoint: found, newest, refused } = await checkpoints.latest()
  for (const { name, why } of refused) logger.warn('a checkpoint was passed over', { name, why })
  const since = found === undefined ? undefined : storeMarkOf(found)
  return {
    checkpoints,
    resume: fresh ? undefined : found,
    nextGeneration: newest + 1,
    // Above all that wrote lists from here, with whatever store.
    epoch: Math.max(epoch, (since?.epoch ?? 0) + 1),
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
