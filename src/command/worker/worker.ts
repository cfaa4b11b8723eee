// Puts a worker together from its settings, runs it to the end and gives its summary. `run` and `demo` are thin
// shells around this.

import { createRetrying, type Retrying } from '../../app/retry.ts'
import { createTakeOver } from '../../app/take-over.ts'
import { type BatchOutcome, runApp } from '../../app.ts'
import type { Config } from '../../config.ts'
import type { TrainerReport } from '../../messages.ts'
import type { EventSource } from '../../ports/event-source.ts'
import type { ListSink } from '../../ports/list-sink.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Trainer } from '../../ports/trainer.ts'
import { createPublisher, type Publisher } from '../../publish/publish.ts'
import type { Ids } from '../../remember/ids.ts'
import { createRandom } from '../../sample/random.ts'
import { storeMarkOf } from '../../trainer/state.ts'
import type { TopList } from '../../types.ts'
import type { Io } from '../io.ts'
import { type Summary, summaryOf } from '../summary.ts'
import { failingOf } from './failing.ts'
import { openDeadLetters, openDecoder, openSink, openSource, placeOf } from './open.ts'
import { fillMirror, idsOf, openCheckpoints, openStore, openTrainer, positionsOf } from './state.ts'

/** Model versions of two starts of the worker are so far apart: more than the events of one run. */
const versionsPerEpoch = 1e11

export interface WorkerOptions {
  readonly config: Config
  readonly io: Io
  readonly logger: Logger
  /** Ignore the checkpoints that are there. */
  readonly fresh: boolean
  readonly stopAtEnd: boolean
  /** The positive store lost its past, and everything is read again from the earliest event. */
  readonly rebuilding?: boolean | undefined
  /** Instead of what the settings name. */
  readonly source?: EventSource
  readonly onBatch?: (outcome: BatchOutcome) => void
  readonly onReport?: (report: TrainerReport) => void
  /** When all is done, while the trainer can still be asked. */
  readonly atEnd?: (trainer: Trainer) => Promise<void>
  readonly onLists?: (lists: readonly TopList[]) => void
}

interface Closable {
  close(): Promise<void>
}

/** Runs until the source ends or `io.stop` is aborted. @throws Failure */
export async function runWorker(options: WorkerOptions): Promise<Summary> {
  const opened: Closable[] = []
  try {
    return await run(options, (one) => {
      opened.push(one)
      return one
    })
  } finally {
    // What was opened last leans on what was opened before.
    for (const one of opened.reverse()) await one.close()
  }
}

async function run(
  options: WorkerOptions,
  keep: <C extends Closable>(one: C) => C,
): Promise<Summary> {
  const { config, io, logger } = options
  const startedMs = io.elapsedMs()
  const failing = failingOf(io)
  const signal = AbortSignal.any([io.stop, failing.signal])
  const retrying = retryingOf(options, signal)
  const { resume, epoch, checkpoints, nextGeneration } = await openState(options)
  const ids = idsOf(config, resume)
  const around = { config, io, logger, retrying, resume, epoch }
  const { store, claim, mark } = await openStore({ ...around, rebuilding: options.rebuilding })
  keep(store)
  const claimVersions = async () => (await claim()) * versionsPerEpoch
  const opened = await retrying('opening the sink', () => openSink(config, io, logger))
  keep(opened.sink)
  let lists = 0
  let consumed = 0
  const publisher = publisherOf(options, opened, ids, retrying, (count) => {
    lists += count
  })
  const settling: { source?: EventSource } = {}
  const trainer = keep(
    await openTrainer({
      ...{ config, resume, checkpoints, nextGeneration, env: io.env },
      // A member of a group is told by its first batch what is its own.
      versionBase: isShared(options) ? undefined : await claimVersions(),
      nowMs: io.elapsedMs,
      report: (report) => route(report, publisher, options, settling),
    }),
  )
  if (config.redis !== '') await fillMirror(store, trainer, ids, retrying)
  const { stopAtEnd } = options
  const from = positionsOf(resume)
  const source = keep(
    options.source ??
      openSource({ config, io, logger, stopAtEnd, from, onFailed: failing.onFailed }),
  )
  settling.source = source
  const deadLetters = keep(openDeadLetters(config, io, logger))
  logger.info('the worker has started', {
    ...{ source: config.source, sink: config.sink, epoch: mark()?.epoch ?? epoch },
    ...{ resumedFrom: resume?.generation ?? 'nothing', engine: config.engine },
  })
  await runApp(
    {
      ...{ source, store, trainer, publisher, deadLetters, retrying, storeMark: mark },
      takeOver: createTakeOver({ store, trainer, retrying, ...ids, claimVersions }),
      decoder: openDecoder(config, io),
      ...ids,
      batchesInFlightMax: config.deterministic ? 1 : config.batchesInFlightMax,
      inStep: config.deterministic,
      onBatch: (outcome) => {
        consumed += outcome.consumed
        options.onBatch?.(outcome)
      },
      onRead: () => logger.info('all that was read is stored', { consumed }),
    },
    signal,
  )
  failing.check()
  await options.atEnd?.(trainer)
  const stats = await trainer.ask({ kind: 'stats' })
  logger.info('the worker has stopped', { consumed, lists })
  return summaryOf(stats, lists, (io.elapsedMs() - startedMs) / 1000)
}

async function openState({ config, logger, fresh }: WorkerOptions) {
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
function isShared({ config, logger, source }: WorkerOptions): boolean {
  if (source !== undefined || placeOf('source', config.source).scheme !== 'kafka') return false
  if (config.redis === '') {
    logger.warn('positives are in memory: a crash loses those since the last checkpoint')
  }
  return true
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

function route(
  report: TrainerReport,
  publisher: Publisher,
  options: WorkerOptions,
  settling: { source?: EventSource },
): void {
  if (report.kind === 'lists') publisher.lists(report.lists)
  else if (report.kind === 'forgotten') publisher.forgotten(report.users)
  else if (report.kind === 'settled')
    publisher.afterWritten(() => settling.source?.settle?.(report.positions))
  else if (report.kind === 'engine') {
    options.logger.info('the engine is ready', { engine: report.name, note: report.note })
  } else if (report.kind === 'checkpoint') {
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
