// The update log of the group as the settings name it: looked at before anything is claimed, then read and appended to
// beside the work.

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Retrying } from '../../app/retry.ts'
import { createExchange, type Exchange } from '../../app/updates/exchange.ts'
import { readingUpdates } from '../../app/updates/log-reader.ts'
import { Failure } from '../../errors.ts'
import type { Monitor } from '../../monitor/monitor.ts'
import type { Checkpoint } from '../../ports/checkpoint-store.ts'
import type { Trainer } from '../../ports/trainer.ts'
import type { UpdateLog } from '../../ports/update-log.ts'
import type { Ownership } from '../../publish/ownership.ts'
import type { Ids } from '../../remember/ids.ts'
import { updatesNextOf } from '../../trainer/group/saved-group.ts'
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
  /** Names this start of this worker in the log. */
  readonly author: string
  /** Offset in the log from which it is to be read. */
  readonly from: number
}

/** Bytes of a number in a record, with its share of what tells whose it is. */
const bytesPerNumber = 2
const authorBytes = 8

/** undefined: nothing is shared. Claims nothing. @throws Failure */
export async function openUpdates(
  { options: { config, logger }, monitor, retrying, keep }: Setup,
  resume: Checkpoint | undefined,
): Promise<OpenedUpdates | undefined> {
  if (config.updates === '') return undefined
  const { name } = placeOf('updates', config.updates)
  const { openTopicUpdates } = await import('../open-topics.ts')
  const took = (seconds: number): void => monitor.metrics.kafkaSeconds.of('append').observe(seconds)
  const log = keep(openTopicUpdates(name, config, logger, took))
  const { begin } = await retrying(readingUpdates, () => log.bounds())
  const from = startOf(resume)
  if (resume === undefined && begin > 0) {
    throw new Failure(
      'RECORDS_EXPIRED',
      `the update log ${name} begins at ${begin}: what the group had learned before was deleted, and there is no ` +
        `checkpoint in ${config.checkpoints}. Put the newest checkpoint of another worker of the group there`,
    )
  }
  const author = `${hostname()}/${randomUUID().slice(0, authorBytes)}`
  return { log, author, from }
}

/** @throws Failure for a checkpoint that knows nothing of the log */
function startOf(resume: Checkpoint | undefined): number {
  if (resume === undefined) return 0
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
}

export function exchangeOf(
  { options, monitor, signal, retrying, keep }: Setup,
  { log, author }: OpenedUpdates,
  { trainer, items, ownership }: ExchangeOpening,
): Exchange {
  const { config, io, logger } = options
  const exchange = keep(
    createExchange({
      ...{ log, author, items, retrying, logger, group: trainer.group, stopping: signal },
      pause: io.pause,
      everyMs: config.updatesEveryMs,
      everyEvents: config.updatesEveryEvents,
      holds: (stream) => ownership.mayPublish(Number.POSITIVE_INFINITY, stream) === true,
      onRead: monitor.onUpdatesRead,
      onAppended: monitor.onUpdatesAppended,
    }),
  )
  ownership.onRevoked(exchange.release)
  return exchange
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
      'the group has other workers, and each is a model of its own, taught by its own users only: with the same ' +
        '--updates kafka:TOPIC at all of them they learn one; see docs/many-workers.md',
      { group: config.kafkaGroup },
    )
  })
}
