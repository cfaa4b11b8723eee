// The first half of a start: everything that a worker needs is opened and looked at, and nothing is claimed. A start
// that comes to nothing here, for a typing error or a server that is down, disturbs no worker that is running.

import type { Retrying } from '../app/retry.ts'
import type { Config } from '../config.ts'
import type { Io } from '../io.ts'
import type { Monitor } from '../monitor/monitor.ts'
import { timedStore } from '../monitor/timed-store.ts'
import { createOwnership, type Ownership } from '../publish/ownership.ts'
import { createPublisher, type Publisher, type Written } from '../publish/publish.ts'
import type { Ids } from '../remember/ids.ts'
import { layerNews, marksOf } from '../trainer/loop/state.ts'
import type { TopList } from '../types.ts'
import { openUpdates } from './beside/updates.ts'
import { orderNews, prepareEngine } from './engine.ts'
import type { Failing } from './failing.ts'
import { type OpenedSink, openDeadLetters, openDecoder, openSink, openSource } from './open.ts'
import type { WorkerOptions } from './options.ts'
import { idsOf, isShared, openStore, positionsOf, readState } from './state.ts'

export interface Setup {
  readonly options: WorkerOptions
  readonly monitor: Monitor
  readonly failing: Failing
  /** Aborted when the worker is to stop, or has to. */
  readonly signal: AbortSignal
  readonly retrying: Retrying
  /** Closes it at the end, before those that were kept earlier. */
  readonly keep: <C extends { close(): Promise<void> }>(one: C) => C
}

export type Examined = NonNullable<Awaited<ReturnType<typeof examine>>>

/** undefined: told to stop before everything was there. @throws Failure */
export async function examine(setup: Setup) {
  const { options, monitor, failing, signal, retrying, keep } = setup
  const { config, io, logger, rebuilding, stopAtEnd } = options
  const { redisSeconds, kafkaSeconds, rebalances } = monitor.metrics
  prepareEngine(config, io.env)
  const state = await readState(options)
  const updates = await openUpdates(setup, state.resume)
  const resume = updates === undefined ? state.resume : updates.resume
  const news = resume && layerNews(resume, config)
  if (news !== undefined) logger.warn(news)
  const order = orderNews(config)
  if (order !== undefined) logger.info(order)
  const ids = idsOf(config, resume)
  const shared = isShared(options)
  const sessionMs = shared ? config.kafkaSessionSeconds * 1000 : undefined
  const ownership = createOwnership({ sessionMs, now: io.elapsedMs })
  const opened = await retrying('opening the sink', () =>
    openSink(config, io, logger, (took) => kafkaSeconds.of('produce').observe(took)),
  )
  const sink = keep(opened.sink)
  if (config.training) await retrying('opening the sink', async () => sink.examine?.())
  const decoder = openDecoder(config, io, logger)
  const { store: bare, ...claims } = await openStore({
    ...{ config, io, logger, retrying, resume, rebuilding },
  })
  const inRedis = timedStore(bare, io.elapsedMs, (call, took) =>
    redisSeconds.of(call).observe(took),
  )
  const store = keep(config.redis === '' ? bare : inRedis)
  const written = { lists: 0 }
  const publisher = publisherOf(opened, {
    ...{ config, io, ids, retrying, ownership, onLists: options.onLists },
    onWritten(some) {
      written.lists += some.lists.length
      monitor.onWritten(some)
    },
  })
  const deadLetters = keep(await openDeadLetters(config, io, logger))
  const source = keep(
    options.source ??
      (await openSource({
        ...{ config, io, logger, stopAtEnd, ownership, onFailed: failing.onFailed },
        from: positionsOf(resume),
        ...(resume && { marks: marksOf(resume) }),
        observe: {
          rebalanced: () => rebalances.add(),
          took: (operation, took) => kafkaSeconds.of(operation).observe(took),
        },
      })),
  )
  const isThere = await retrying('reading events', async () => source.examine?.(signal) ?? true)
  if (!isThere) return undefined
  return {
    ...state,
    resume,
    ids,
    shared,
    ownership,
    decoder,
    store,
    claims,
    publisher,
    written,
    deadLetters,
    source,
    updates,
  }
}

interface PublishingParts {
  readonly config: Config
  readonly io: Io
  readonly ids: { readonly users: Ids; readonly items: Ids }
  readonly retrying: Retrying
  readonly ownership: Ownership
  readonly onWritten: (written: Written) => void
  readonly onLists?: ((lists: readonly TopList[]) => void) | undefined
}

/** The publisher with names for its lists. */
function publisherOf({ sink, encode }: OpenedSink, parts: PublishingParts): Publisher {
  const { config, io, ids, retrying, ownership } = parts
  return createPublisher({
    ...{ sink, encode, retrying, ownership },
    userName: ids.users.name,
    itemName: ids.items.name,
    generatedAt: (list) => (config.deterministic ? list.newestEvent : io.nowMs()),
    waitingMax: config.listsWaitingMax,
    onWritten(written) {
      parts.onWritten(written)
      parts.onLists?.(written.lists)
    },
  })
}
