// The second half of a start: the checkpoints and the store are claimed and the trainer is started. What the store
// holds is read later, beside the work; only a deterministic run that begins with nothing reads it first.

import { createOwedKeeper } from '../app/owed-lists.ts'
import { openReading, planReading } from '../app/store-reading.ts'
import { createGateKeeper } from '../publish/gate-keeper.ts'
import { exchangeOf, numbersMaxOf, retentionWatchOf, suggestUpdates } from './beside/updates.ts'
import type { Examined, Setup } from './examine.ts'
import { createMailbox, deliverReport } from './reports.ts'
import { openTrainer } from './state.ts'

/** How far apart the model versions of two starts of the worker are: more than the events of one run. */
const versionsPerEpoch = 1e11

export type Engaged = NonNullable<Awaited<ReturnType<typeof engage>>>

/** undefined: told to stop before the trainer was started. @throws Failure */
export async function engage(
  setup: Setup,
  { claimCheckpoints, claims, ids, shared, store, ...examined }: Examined,
) {
  const { options, monitor, signal, retrying, keep } = setup
  const { config, io, logger, rebuilding } = options
  const { publisher, ownership, source, resume, checkpoints, nextGeneration, updates } = examined
  if (signal.aborted) return undefined
  const epoch = await claimCheckpoints()
  await claims.open(epoch)
  const claimVersions = async (streams: readonly string[]) => {
    const { epoch: claimed, kept } = await claims.claim(streams)
    return { versionBase: claimed * versionsPerEpoch, kept }
  }
  // Without training, what Redis holds is needed nowhere else.
  const mirrorsStore = config.training || config.redis === ''
  const readsStore = config.redis !== '' && rebuilding !== true && mirrorsStore
  const { deterministic } = config
  const plan = planReading({ deterministic, shared, readsStore, resumes: resume !== undefined })
  // A past is read with nothing committed where nobody keeps who is owed a list for it.
  const keepsOwed = shared && !deterministic && mirrorsStore && store.owed !== undefined
  const mailbox = createMailbox()
  const trainer = keep(
    await openTrainer({
      ...{ config, resume, checkpoints, nextGeneration, storeReading: plan, keepsOwed },
      group: updates && {
        author: updates.author,
        numbersMax: numbersMaxOf(config.updatesBytesMax),
      },
      // A member of a group is told by its first batch what is its own.
      versionBase: shared ? undefined : (await claimVersions([])).versionBase,
      nowMs: io.elapsedMs,
      report: mailbox.put,
      onLearned: monitor.onLearned,
      onBeat: monitor.onBeat,
    }),
  )
  // While the trainer's thread restores its side.
  for (const one of [ids.users, ids.items]) one.prepare()
  const gate = createGateKeeper({
    ...{ config, logger, publisher, ownership, trainer, metrics: monitor.metrics },
  })
  const known = ids.users.size
  const parts = { store, trainer, ids, retrying, logger, known, shared, pause: io.pause }
  const reading = openReading(plan, parts)
  const owed = keepsOwed
    ? createOwedKeeper({
        ...{ owed: store.owed!, trainer, ...ids, reads: reading.reads, retrying, signal },
        owns: (stream) => ownership.mayPublish(Number.POSITIVE_INFINITY, stream),
        ownershipChanged: ownership.changed,
        pause: io.pause,
      })
    : undefined
  const sharing = { trainer, items: ids.items, ownership, source }
  const exchange = updates && exchangeOf(setup, updates, sharing)
  if (shared) suggestUpdates(setup, ownership)
  const retention = updates && retentionWatchOf(setup, updates)
  const readers = { publisher, source, owed, ownership, retention, gate, monitor, logger, ids }
  mailbox.open((report) => {
    deliverReport(report, readers)
    options.onReport?.(report)
  })
  if (!(await reading.first(signal))) return undefined
  return { trainer, gate, claimVersions, mirrorsStore, reading, owed, epoch, exchange, retention }
}
