// Puts a worker together from its settings, runs it to the end and gives its summary. `run` and `demo` are thin
// shells around this.

import { createRebalance } from '../app/rebalance.ts'
import { createRetrying, type Retrying } from '../app/retry.ts'
import { runApp } from '../app.ts'
import { Failure } from '../errors.ts'
import { createMonitor, type Monitor } from '../monitor/monitor.ts'
import { createEverybodysList, type EverybodysList } from '../publish/everybody.ts'
import { createRandom } from '../sample/random.ts'
import { createListService } from '../serve/list-service.ts'
import { openItemFeed } from './beside/items.ts'
import { baseKeeperOf } from './beside/updates.ts'
import { type Engaged, engage } from './engage.ts'
import { type Examined, examine, type Setup } from './examine.ts'
import { createOutageTelling, failingOf } from './failing.ts'
import { createLosses } from './losses.ts'
import { placeOf } from './open.ts'
import type { WorkerOptions } from './options.ts'
import { type Summary, summaryOf } from './summary.ts'

interface Closable {
  close(): Promise<void>
}

/** Runs until the source ends or `io.stop` is aborted; undefined: it was before the work began. @throws Failure */
export async function runWorker(options: WorkerOptions): Promise<Summary | undefined> {
  const opened: Closable[] = []
  // What was opened last leans on what was opened before.
  const closeBut = async (...left: readonly Closable[]): Promise<void> => {
    for (const one of opened.splice(0).reverse()) {
      if (left.includes(one)) opened.unshift(one)
      else await one.close()
    }
  }
  try {
    const keep: Setup['keep'] = (one) => {
      opened.push(one)
      return one
    }
    return await run(options, keep, closeBut)
  } finally {
    await closeBut()
  }
}

async function run(
  options: WorkerOptions,
  keep: Setup['keep'],
  closeBut: (...left: readonly Closable[]) => Promise<void>,
): Promise<Summary | undefined> {
  const monitor = keep(createMonitor(options))
  await monitor.open()
  const startedMs = options.io.elapsedMs()
  const failing = failingOf(options.io)
  const signal = AbortSignal.any([options.io.stop, failing.signal])
  const retrying = retryingOf(options, signal, monitor)
  const setup: Setup = { options, monitor, failing, signal, retrying, keep }
  const examined = await examine(setup)
  const engaged = examined && (await engage(setup, examined))
  failing.check()
  if (examined === undefined || engaged === undefined) return undefined
  const consumed = await work(setup, examined, engaged)
  failing.check()
  const summary = await end(setup, examined, engaged, { consumed, startedMs })
  const mayStay = options.stay !== undefined && options.config.httpPort > 0
  if (mayStay && !options.io.stop.aborted) {
    const { trainer } = engaged
    await trainer.freeze()
    await closeBut(monitor, trainer)
    const page = monitor.finished()
    if (page !== undefined) await options.stay(summary, page)
  }
  return summary
}

/** From the first event to the last. Returns the number of records. */
async function work(setup: Setup, examined: Examined, engaged: Engaged): Promise<number> {
  const { options, monitor, signal, retrying } = setup
  const { config, io, logger } = options
  const { source, store, publisher, deadLetters, decoder, ids, ownership, claims } = examined
  const { trainer, gate, claimVersions, mirrorsStore, reading, owed, epoch, exchange } = engaged
  const feed = await openItemFeed(setup, trainer)
  if (feed !== undefined && !(await feed.first(signal))) return 0
  // Before the group gives it anything: who learns must know what the others have learned.
  if (exchange !== undefined && !(await exchange.open(examined.updates!.from, signal))) return 0
  logger.info('the worker has started', {
    ...{ source: config.source, sink: config.sink, epoch: claims.mark?.()?.epoch ?? epoch },
    ...{ resumedFrom: examined.resume?.generation ?? 'nothing', engine: config.engine },
  })
  const lists = createListService({ trainer, store, items: ids.items })
  monitor.started({ trainer, gate, source, lists })
  const rebalance = createRebalance({
    ...{ trainer, ownership, retrying, ...ids, claimVersions, reads: reading.reads, owed },
    exchange,
  })
  const everybody = everybodysListOf(setup, examined, engaged)
  const keeper = exchange && baseKeeperOf(setup, examined.updates!, exchange, examined.checkpoints)
  const beside = [feed?.follow, everybody?.run, keeper, engaged.retention?.run]
  const following = runBeside(setup, beside)
  let consumed = 0
  const losses = createLosses(config, logger)
  const running = runApp(
    {
      ...{ source, store, trainer, publisher, deadLetters, decoder, retrying, rebalance },
      ...{ mirrorsStore, storeMark: claims.mark, ...ids, beside: reading.beside, owed, exchange },
      batchesInFlightMax: config.deterministic ? 1 : config.batchesInFlightMax,
      inStep: config.deterministic,
      nowMs: io.elapsedMs,
      onTaken: monitor.onTaken,
      onDecoded: losses.decoded,
      onStored: monitor.onStored,
      onBatch(outcome) {
        consumed += outcome.consumed
        exchange?.counted(outcome.applied)
        losses.batch(outcome)
        monitor.onBatch(outcome)
        options.onBatch?.(outcome)
      },
      onRead() {
        if (!signal.aborted) losses.check(examined.resume === undefined)
        logger.info('all that was read is stored', { consumed })
      },
    },
    signal,
  )
  await running.finally(following)
  // Else one that waits would be the last.
  if (everybody !== undefined) await publisher.flush()
  await everybody?.write()
  await publisher.flush()
  losses.close()
  return consumed
}

type Beside = ((signal: AbortSignal) => Promise<void>) | undefined

/** Runs beside the work until the returned function is called. */
function runBeside({ failing, signal }: Setup, works: readonly Beside[]): () => Promise<void> {
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const over = works.map((work) =>
    work?.(either).catch((cause: unknown) => {
      // Whoever waits for the trainer is told of its end; here it would only be told again.
      if (either.aborted) return
      const message = `work beside the events failed: ${(cause as Error).stack}`
      failing.onFailed(cause instanceof Failure ? cause : new Failure('SOURCE_UNUSABLE', message))
    }),
  )
  return async () => {
    stop.abort()
    await Promise.all(over)
  }
}

/** undefined: none is asked for. */
function everybodysListOf(
  { options }: Setup,
  { publisher, ownership, ids, shared }: Examined,
  { trainer }: Engaged,
): EverybodysList | undefined {
  const { config, io, logger } = options
  const { everybodyKey: key, k } = config
  if (key === '') return undefined
  const list = createEverybodysList({
    ...{ key, publisher, ownership, logger, nowMs: io.nowMs, pause: io.pause },
    stream: shared ? `${placeOf('source', config.source).name}/0` : '',
    popular: () => trainer.ask({ kind: 'popular', k }),
    isUser: (name) => ids.users.find(name) !== undefined,
  })
  // Only at the end, where the same input has to give the same lists.
  return config.deterministic ? { ...list, run: async () => undefined } : list
}

async function end(
  { options: { config, io, logger, atEnd } }: Setup,
  { ownership, publisher, written: { lists } }: Examined,
  { gate, trainer }: Engaged,
  { consumed, startedMs }: { readonly consumed: number; readonly startedMs: number },
): Promise<Summary> {
  await gate.idle()
  if (ownership.paused) {
    logger.warn(
      'publishing is still paused at the end: these users have no newer list; the gate says why',
      { users: publisher.waiting },
    )
  }
  await atEnd?.(trainer)
  const stats = await trainer.ask({ kind: 'stats' })
  logger.info('the worker has stopped', { consumed, lists })
  const seconds = (io.elapsedMs() - startedMs) / 1000
  return summaryOf(stats, lists, seconds, config.measureActions)
}

function retryingOf(
  { config, io, logger }: WorkerOptions,
  signal: AbortSignal,
  monitor: Monitor,
): Retrying {
  const jitter = createRandom(config.seed, 'jitter')
  const tellOutage = createOutageTelling(logger, io.elapsedMs)
  return createRetrying({
    signal,
    unit: jitter.unit,
    pause: io.pause,
    onOutage(what, failure) {
      monitor.onOutage(what, failure)
      tellOutage(what, failure)
    },
  })
}
