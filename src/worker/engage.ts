// The second half of a start: the checkpoints and the store are claimed, the trainer is started, and its mirror of the
// positive sets is filled from the store.

import { createGateKeeper } from '../publish/gate-keeper.ts'
import type { Examined, Setup } from './examine.ts'
import { createMailbox, deliverReport } from './reports.ts'
import { fillMirror, openTrainer } from './state.ts'

/** Model versions of two starts of the worker are so far apart: more than the events of one run. */
const versionsPerEpoch = 1e11

export type Engaged = NonNullable<Awaited<ReturnType<typeof engage>>>

/** undefined: told to stop before the mirror was whole. @throws Failure */
export async function engage(
  { options, monitor, signal, retrying, keep }: Setup,
  { claimCheckpoints, claims, ids, shared, store, ...examined }: Examined,
) {
  const { config, io, logger, rebuilding } = options
  const { publisher, ownership, source, resume, checkpoints, nextGeneration } = examined
  const epoch = await claimCheckpoints()
  await claims.open(epoch)
  const claimVersions = async (streams: readonly string[]) => {
    const { epoch: claimed, kept } = await claims.claim(streams)
    return { versionBase: claimed * versionsPerEpoch, kept }
  }
  // Without training, what Redis holds is needed nowhere else.
  const mirrorsStore = config.training || config.redis === ''
  const readsStore = config.redis !== '' && rebuilding !== true && mirrorsStore
  const mailbox = createMailbox()
  const trainer = keep(
    await openTrainer({
      ...{ config, resume, checkpoints, nextGeneration, awaitsSnapshots: readsStore },
      // A member of a group is told by its first batch what is its own.
      versionBase: shared ? undefined : (await claimVersions([])).versionBase,
      nowMs: io.elapsedMs,
      report: mailbox.put,
      onLearned: monitor.onLearned,
      onBeat: monitor.onBeat,
    }),
  )
  const gate = createGateKeeper({
    ...{ config, logger, publisher, ownership, trainer, metrics: monitor.metrics },
  })
  const readers = { publisher, source, ownership, gate, monitor, logger }
  mailbox.open((report) => {
    deliverReport(report, readers)
    options.onReport?.(report)
  })
  if (readsStore) {
    logger.info('reading every user that the store holds')
    if (!(await fillMirror(store, trainer, ids, retrying, signal))) {
      logger.info('stopped before the store was read: no checkpoint was written')
      return undefined
    }
    logger.info('the store is read', { users: ids.users.size })
  }
  return { trainer, gate, claimVersions, mirrorsStore, readsStore, epoch }
}
