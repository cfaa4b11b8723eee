// Puts a worker together from its settings, runs it to the end and gives its summary. `run` and `demo` are thin
// shells around this.

import { createRetrying, type Retrying } from '../app/retry.ts'
import { createTakeOver } from '../app/take-over.ts'
import { type BatchOutcome, runApp } from '../app.ts'
import type { TrainerReport } from '../messages.ts'
import { createWatch, type Watch } from '../monitor/watch.ts'
import type { Trainer } from '../ports/trainer.ts'
import { createGateKeeper } from '../publish/gate-keeper.ts'
import { createRandom } from '../sample/random.ts'
import { marksOf } from '../trainer/loop/state.ts'
import type { TopList } from '../types.ts'
import { prepareEngine } from './engine.ts'
import { failingOf } from './failing.ts'
import type { Io } from './io.ts'
import { createLosses } from './losses.ts'
import { openDeadLetters, openDecoder, openSink, openSource } from './open.ts'
import { type Later, publisherOf } from './publishing.ts'
import { route } from './route.ts'
import { isShared, readState, type Start } from './start.ts'
import { fillMirror, idsOf, openStore, openTrainer, positionsOf } from './state.ts'
import { type Summary, summaryOf } from './summary.ts'
import { timedStore } from './timed-store.ts'

/** Model versions of two starts of the worker are so far apart: more than the events of one run. */
const versionsPerEpoch = 1e11

export interface WorkerOptions extends Start {
  readonly io: Io
  readonly stopAtEnd: boolean
  /** The positive store lost its past, and everything is read again from the earliest event. */
  readonly rebuilding?: boolean | undefined
  readonly onBatch?: (outcome: BatchOutcome) => void
  readonly onReport?: (report: TrainerReport) => void
  /** When all is done, while the trainer can still be asked. */
  readonly atEnd?: (trainer: Trainer) => Promise<void>
  readonly onLists?: (lists: readonly TopList[]) => void
}

interface Closable {
  close(): Promise<void>
}

/** Runs until the source ends or `io.stop` is aborted; undefined: it was before the work began. @throws Failure */
export async function runWorker(options: WorkerOptions): Promise<Summary | undefined> {
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
): Promise<Summary | undefined> {
  const { config, io, logger } = options
  const watch = keep(createWatch(options))
  await watch.open()
  const startedMs = io.elapsedMs()
  const failing = failingOf(io)
  const signal = AbortSignal.any([io.stop, failing.signal])
  const retrying = retryingOf(options, signal, watch)
  // All is looked at before anything is claimed: a start that comes to nothing must not end a worker that runs here.
  prepareEngine(config, io.env)
  const { resume, checkpoints, nextGeneration, claim: claimCheckpoints } = await readState(options)
  const ids = idsOf(config, resume)
  const { rebuilding } = options
  const around = { config, io, logger, retrying, resume, rebuilding }
  const { redisSeconds, kafkaSeconds } = watch.metrics
  const opened = await retrying('opening the sink', () =>
    openSink(config, io, logger, (took) => kafkaSeconds.of('produce').observe(took)),
  )
  keep(opened.sink)
  if (config.training) await retrying('opening the sink', async () => opened.sink.examine?.())
  const decoder = openDecoder(config, io, logger)
  const { store: bare, open: openClaims, claim, mark } = await openStore(around)
  const inRedis = timedStore(bare, io.elapsedMs, (call, took) =>
    redisSeconds.of(call).observe(took),
  )
  const store = keep(config.redis === '' ? bare : inRedis)
  const later: Later = {}
  let lists = 0
  let consumed = 0
  const losses = createLosses(config, logger)
  const publisher = publisherOf(options, opened, ids, retrying, later, (written) => {
    lists += written.lists.length
    watch.onWritten(written)
  })
  const { stopAtEnd } = options
  const from = positionsOf(resume)
  const source = keep(
    options.source ??
      openSource({
        ...{ config, io, logger, stopAtEnd, from, onFailed: failing.onFailed },
        ...(resume && { marks: marksOf(resume) }),
        onUncertain: publisher.recall,
        observe: {
          rebalanced: () => watch.metrics.rebalances.add(),
          took: (operation, took) => kafkaSeconds.of(operation).observe(took),
        },
      }),
  )
  later.source = source
  watch.knows({ source })
  const deadLetters = keep(openDeadLetters(config, io, logger))
  const isThere = await retrying('reading events', async () => source.examine?.(signal) ?? true)
  if (!isThere) return undefined
  const epoch = await claimCheckpoints()
  await openClaims(epoch)
  const claimVersions = async (streams: readonly string[]) => {
    const { epoch: claimed, kept } = await claim(streams)
    return { versionBase: claimed * versionsPerEpoch, kept }
  }
  // Without training, what Redis holds is needed nowhere else.
  const remembers = config.training || config.redis === ''
  const readsStore = config.redis !== '' && rebuilding !== true && remembers
  const trainer = keep(
    await openTrainer({
      ...{ config, resume, checkpoints, nextGeneration, awaitsStore: readsStore },
      // A member of a group is told by its first batch what is its own.
      versionBase: isShared(options) ? undefined : (await claimVersions([])).versionBase,
      nowMs: io.elapsedMs,
      report: (report) => {
        watch.onReport(report)
        route(report, { publisher, logger, later })
        options.onReport?.(report)
      },
      onLearned: watch.onLearned,
      onBeat: watch.onBeat,
    }),
  )
  const gate = createGateKeeper({ config, logger, metrics: watch.metrics, publisher, trainer })
  watch.knows({ trainer, gate })
  later.gate = gate
  if (readsStore) {
    logger.info('reading every user that the store holds')
    if (!(await fillMirror(store, trainer, ids, retrying, signal))) {
      logger.info('stopped before the store was read: no checkpoint was written')
      return undefined
    }
    logger.info('the store is read', { users: ids.users.size })
  }
  logger.info('the worker has started', {
    ...{ source: config.source, sink: config.sink, epoch: mark()?.epoch ?? epoch },
    ...{ resumedFrom: resume?.generation ?? 'nothing', engine: config.engine },
  })
  watch.started()
  const takeOver = createTakeOver({ store, trainer, retrying, ...ids, claimVersions, readsStore })
  later.takeOver = takeOver
  await runApp(
    {
      ...{ source, store, trainer, publisher, deadLetters, retrying, storeMark: mark },
      ...{ takeOver, remembers },
      decoder,
      ...ids,
      batchesInFlightMax: config.deterministic ? 1 : config.batchesInFlightMax,
      inStep: config.deterministic,
      nowMs: io.elapsedMs,
      onTaken: watch.onTaken,
      onDecoded: losses.decoded,
      onStored: watch.onStored,
      onBatch(outcome) {
        consumed += outcome.consumed
        losses.batch(outcome)
        watch.onBatch(outcome)
        options.onBatch?.(outcome)
      },
      onRead() {
        if (!signal.aborted) losses.check(resume === undefined)
        logger.info('all that was read is stored', { consumed })
      },
    },
    signal,
  )
  failing.check()
  await gate.settled()
  if (!gate.open) logger.warn('lists are held back at the end', { users: publisher.waiting })
  await options.atEnd?.(trainer)
  const stats = await trainer.ask({ kind: 'stats' })
  logger.info('the worker has stopped', { consumed, lists })
  losses.close()
  return summaryOf(stats, lists, (io.elapsedMs() - startedMs) / 1000)
}

function retryingOf(
  { config, io, logger }: WorkerOptions,
  signal: AbortSignal,
  watch: Watch,
): Retrying {
  const jitter = createRandom(config.seed, 'jitter')
  return createRetrying({
    signal,
    unit: jitter.unit,
    pause: io.pause,
    onOutage(what, failure) {
      watch.onOutage(what, failure)
      if (failure === undefined) logger.info('it works again', { what })
      else logger.repeated(failure.code, failure.message, { what })
    },
  })
}
