// The update log of the group as the settings name it: looked at before anything is claimed, then read and appended to
// beside the work.

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Retrying } from '../../app/retry.ts'
import { keepBase } from '../../app/updates/base-keeper.ts'
import { createExchange, type Exchange } from '../../app/updates/exchange.ts'
import { readingUpdates } from '../../app/updates/log-reader.ts'
import { createRetentionWatch, type RetentionWatch } from '../../app/updates/retention.ts'
import { Failure } from '../../errors.ts'
import type { Monitor } from '../../monitor/monitor.ts'
import type { Checkpoint, CheckpointStore } from '../../ports/checkpoint-store.ts'
import type { EventSource } from '../../ports/event-source.ts'
import type { Trainer } from '../../ports/trainer.ts'
import type { BaseStore, UpdateLog } from '../../ports/update-log.ts'
import type { Ownership } from '../../publish/ownership.ts'
import type { Ids } from '../../remember/ids.ts'
import { checkUpdates } from '../../settings/kafka.ts'
import { newcomerFrom, updatesNextOf } from '../../trainer/group/saved-group.ts'
import { eventsBetween } from '../../updates/interval.ts'
import { placeOf } from '../open.ts'
import type { WorkerOptions } from '../options.ts'

interface Setup {
  readonly options: WorkerOptions
  readonly monitor: Monitor
  /** Aborted when the worker is to stop, or has to. */
  readonly signal: AbortSignal
  readonly retrying: Retrying
  readonly keep: <C extends { close(): Promise<void> }>(one: C) => C
}

export interface OpenedUpdates {
  readonly log: UpdateLog
  readonly bases: BaseStore
  /** What the worker starts from: its checkpoint, or what the group keeps for newcomers. */
  readonly resume: Checkpoint | undefined
  /** Names this start of this worker in the log. */
  readonly author: string
  /** Offset in the log from which it is to be read. */
  readonly from: number
  /** Offset from which the worker's own newest checkpoint goes on; undefined: there is none. */
  readonly saved: number | undefined
}

/** Bytes of a number in a record, with its share of what tells whose it is. */
const bytesPerNumber = 1.75
const authorBytes = 8
/** How often the worker looks where the log begins. */
const lookEveryMs = 60_000

/** undefined: nothing is shared. Claims nothing. @throws Failure */
export async function openUpdates(
  setup: Setup,
  checkpoint: Checkpoint | undefined,
): Promise<OpenedUpdates | undefined> {
  const { options, monitor, retrying, keep } = setup
  const { config, logger } = options
  if (config.updates === '') return undefined
  const faults = checkUpdates(config)
  if (faults.length > 0) throw new Failure('SETTINGS_INVALID', faults.join('; '))
  const { name } = placeOf('updates', config.updates)
  const { openTopicBases, openTopicUpdates } = await import('../open-topics.ts')
  const took = (seconds: number): void => monitor.metrics.kafkaSeconds.of('append').observe(seconds)
  const log = keep(openTopicUpdates(name, config, logger, took))
  const bases = keep(openTopicBases(name, config, logger))
  const { begin } = await retrying(readingUpdates, () => log.bounds())
  const own = checkpoint && { resume: checkpoint, from: startOf(checkpoint) }
  const start = own !== undefined && own.from >= begin ? own : await newcomer(setup, bases, begin)
  const author = `${hostname()}/${randomUUID().slice(0, authorBytes)}`
  return { log, bases, author, saved: own?.from, ...start }
}

/** Where the log is whole, a worker without a checkpoint can also read it from its beginning. */
async function newcomer(
  { options: { config, logger }, signal, retrying }: Setup,
  bases: BaseStore,
  begin: number,
): Promise<Pick<OpenedUpdates, 'resume' | 'from'>> {
  const base = await retrying(readingUpdates, () => bases.latest(signal))
  const from = base && updatesNextOf(base)
  if (from !== undefined && from >= begin) {
    logger.info('a new worker of the group starts from what the others have learned', { from })
    return { resume: base, from }
  }
  if (begin === 0) return { resume: undefined, from: 0 }
  throw new Failure(
    'RECORDS_EXPIRED',
    `the update log begins at ${begin}: what the group had learned before was deleted, neither the checkpoints in ` +
      `${config.checkpoints} nor its base topic reach back to it. Put the newest checkpoint of another worker of the ` +
      'group there, and give the update log a longer retention.ms',
  )
}

/** @throws Failure for a checkpoint that knows nothing of the log */
function startOf(resume: Checkpoint): number {
  const next = updatesNextOf(resume)
  if (next !== undefined) return next
  throw new Failure(
    'SETTINGS_INVALID',
    'the checkpoint was written without the update log: what it has learned cannot be told from what the group has. ' +
      'Start with --fresh, or name an empty directory in NEUPR_CHECKPOINTS',
  )
}

/** What a record may hold. */
export function numbersMaxOf(bytesMax: number): number {
  return Math.floor(bytesMax / bytesPerNumber)
}

export interface ExchangeOpening {
  readonly trainer: Trainer
  readonly items: Ids
  readonly ownership: Pick<Ownership, 'mayPublish' | 'onRevoked'>
  readonly source: Pick<EventSource, 'ends'>
}

export function exchangeOf(
  { options, monitor, signal, retrying, keep }: Setup,
  { log, author }: OpenedUpdates,
  { trainer, items, ownership, source }: ExchangeOpening,
): Exchange {
  const { config, io, logger } = options
  const exchange = keep(
    createExchange({
      ...{ log, author, items, retrying, logger, group: trainer.group, stopping: signal },
      pause: io.pause,
      everyMs: config.updatesEveryMs,
      everyEvents: (group) => eventsBetween({ ownMax: config.updatesEveryEvents, ...group }),
      holds: (stream) => ownership.mayPublish(Number.POSITIVE_INFINITY, stream) === true,
      ends: () => retrying('reading events', async () => source.ends?.()),
      onRead: monitor.onUpdatesRead,
      onAppended: monitor.onUpdatesAppended,
    }),
  )
  ownership.onRevoked(exchange.release)
  return exchange
}

/** Writes what newcomers start from, beside the work. `checkpoints`: those of this worker. */
export function baseKeeperOf(
  { options: { config, io, logger }, monitor }: Pick<Setup, 'options' | 'monitor'>,
  { bases: store }: OpenedUpdates,
  exchange: Pick<Exchange, 'owns'>,
  checkpoints: Pick<CheckpointStore, 'latest'>,
): (signal: AbortSignal) => Promise<void> {
  const first = `${placeOf('source', config.source).name}/0`
  const parts = {
    ...{ store, logger, pause: io.pause, everyMs: 1_000 * config.updatesBaseSeconds },
    onWritten: monitor.onBaseWritten,
    isOurs: () => exchange.owns(first),
    async newest() {
      const { checkpoint } = await checkpoints.latest()
      return checkpoint && newcomerFrom(checkpoint)
    },
  }
  return (signal) => keepBase(parts, signal)
}

/** Whether the log still has what the newest checkpoint of this worker has not read. */
export function retentionWatchOf(
  { options: { io, logger }, monitor }: Pick<Setup, 'options' | 'monitor'>,
  { log, saved }: Pick<OpenedUpdates, 'log' | 'saved'>,
): RetentionWatch {
  const { pause } = io
  const onLook = monitor.onRetentionLook
  return createRetentionWatch({ log, saved, everyMs: lookEveryMs, pause, logger, onLook })
}

/** Says once that workers which share nothing could learn one model. */
export function suggestUpdates(
  { options: { config, logger } }: Pick<Setup, 'options'>,
  ownership: Pick<Ownership, 'onAssigned'>,
): void {
  if (config.updates !== '' || !config.training) return
  let isTold = false
  ownership.onAssigned(({ alone = false }) => {
    if (alone || isTold) return
    isTold = true
    logger.info(
      'the group has other workers, and each learns a model of its own from its own users: with the same ' +
        '--updates kafka:TOPIC for all of them they learn one model; see docs/many-workers.md',
      { group: config.kafkaGroup },
    )
  })
}
