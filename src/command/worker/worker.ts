// Puts a worker together from its settings, runs it to the end and gives its summary. `run` and `demo` are thin
// shells around this.

import { createRetrying, type Retrying } from '../../app/retry.ts'
import { type BatchOutcome, runApp } from '../../app.ts'
import type { Config } from '../../config.ts'
import type { Failure } from '../../errors.ts'
import type { TrainerReport } from '../../messages.ts'
import type { EventSource } from '../../ports/event-source.ts'
import type { ListSink } from '../../ports/list-sink.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Trainer } from '../../ports/trainer.ts'
import { createPublisher, type Publisher } from '../../publish/publish.ts'
import type { Ids } from '../../remember/ids.ts'
import { createRandom } from '../../sample/random.ts'
import type { TopList } from '../../types.ts'
import type { Io } from '../io.ts'
import { type Summary, summaryOf } from '../summary.ts'
import { openDeadLetters, openDecoder, openSink, openSource } from './open.ts'
import { idsOf, openCheckpoints, openStore, openTrainer, positionsOf, takeOver } from './state.ts'

/** Model versions of two starts of the worker are so far apart: more than the events of one run. */
const versionsPerEpoch = 1e11

export interface WorkerOptions {
  readonly config: Config
  readonly io: Io
  readonly logger: Logger
  /** Ignore the checkpoints that are there. */
  readonly fresh: boolean
  readonly stopAtEnd: boolean
  /** Instead of what the settings name. */
  readonly source?: EventSource
  readonly onBatch?: (outcome: BatchOutcome) => void
  readonly onReport?: (report: TrainerReport) => void
  /** When all is done, while the trainer can still be asked. */
  readonly atEnd?: (trainer: Trainer) => Promise<void>
  readonly onLists?: (lists: readonly TopList[]) => void
}

/** Runs until the source ends or `io.stop` is aborted. @throws Failure */
export async function runWorker(options: WorkerOptions): Promise<Summary> {
  const { config, io, logger } = options
  const startedMs = io.elapsedMs()
  const stop = new AbortController()
  const signal = AbortSignal.any([io.stop, stop.signal])
  let failed: Failure | undefined
  const retrying = retryingOf(options, signal)
  const checkpoints = openCheckpoints(config)
  const epoch = await checkpoints.claimEpoch()
  const { checkpoint: found, newest, refused } = await checkpoints.latest()
  for (const { name, why } of refused) logger.warn('a checkpoint was passed over', { name, why })
  const resume = options.fresh ? undefined : found
  const ids = idsOf(config, resume)
  const store = await openStore(config, io, logger, resume)
  const opened = await openSink(config, io, logger)
  let lists = 0
  const publisher = publisherOf(options, opened, ids, retrying, (count) => {
    lists += count
  })
  const trainer = openTrainer({
    config,
    resume,
    checkpoints,
    nextGeneration: newest + 1,
    versionBase: epoch * versionsPerEpoch,
    nowMs: io.elapsedMs,
    report: (report) => route(report, publisher, options),
  })
  if (config.redis !== '') await takeOver(store, trainer, ids, retrying)
  const source =
    options.source ??
    openSource({
      ...{ config, io, logger, stopAtEnd: options.stopAtEnd, from: positionsOf(resume) },
      onFailed(failure) {
        failed = failure
        stop.abort()
      },
    })
  const deadLetters = openDeadLetters(config, io, logger)
  logger.info('the worker has started', {
    ...{ source: config.source, sink: config.sink, epoch },
    ...{ resumedFrom: resume?.generation ?? 'nothing', engine: config.engine },
  })
  try {
    await runApp(
      {
        ...{ source, store, trainer, publisher, deadLetters, retrying },
        decoder: openDecoder(config, io),
        ...ids,
        batchesInFlightMax: config.deterministic ? 1 : config.batchesInFlightMax,
        inStep: config.deterministic,
        onBatch: (outcome) => options.onBatch?.(outcome),
      },
      signal,
    )
    if (failed !== undefined) throw failed
    await options.atEnd?.(trainer)
    const stats = await trainer.ask({ kind: 'stats' })
    return summaryOf(stats, lists, (io.elapsedMs() - startedMs) / 1000)
  } finally {
    await source.close()
    await trainer.close()
    await Promise.all([opened.sink.close(), deadLetters.close(), store.close()])
  }
}

function publisherOf(
  { config, io, onLists }: WorkerOptions,
  { sink, encode }: { sink: ListSink; encode: Parameters<typeof createPublisher>[0]['encode'] },
  ids: { users: Ids; items: Ids },
  retrying: Retrying,
  count: (lists: number) => void,
): Publisher {
  return createPublisher({
    ...{ sink, encode, retrying },
    userName: ids.users.name,
    itemName: ids.items.name,
    generatedAt: (list) => (config.deterministic ? list.newestEvent : io.nowMs()),
    waitingMax: config.listsWaitingMax,
    onWritten(lists) {
      count(lists.length)
      onLists?.(lists)
    },
  })
}

function route(report: TrainerReport, publisher: Publisher, options: WorkerOptions): void {
  if (report.kind === 'lists') publisher.lists(report.lists)
  else if (report.kind === 'forgotten') publisher.forgotten(report.users)
  else if (report.kind === 'checkpoint') {
    const { generation, bytes, ms } = report
    options.logger.info('a checkpoint was written', { generation, bytes, ms: Math.round(ms) })
  }
  options.onReport?.(report)
}

function retryingOf({ config, io, logger }: WorkerOptions, signal: AbortSignal): Retrying {
  const jitter = createRandom(config.seed, 'jitter')
  return createRetrying({
    signal,
    unit: jitter.unit,
    pause: io.pause,
    onOutage(what, failure) {
      if (failure === undefined) logger.info('it works again', { what })
      else logger.repeated(failure.code, failure.message, { what })
    },
  })
}
