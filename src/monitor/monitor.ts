// What is seen of a worker: everything that happens becomes metrics, conditions and the state of the page. It steers
// nothing.

import { type StatusServer, startStatusServer } from '../adapters/http/server.ts'
import type { BatchOutcome, BatchRead } from '../app.ts'
import { programVersion } from '../command/version.ts'
import type { Config } from '../config.ts'
import { Failure } from '../errors.ts'
import type { CheckpointWritten, TrainerStats } from '../messages.ts'
import { readState } from '../metrics/state.ts'
import { createMetrics, type Metrics, Registry } from '../metrics.ts'
import type { EventSource } from '../ports/event-source.ts'
import type { Logger } from '../ports/logger.ts'
import type { Status } from '../ports/status.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { GateKeeper } from '../publish/gate-keeper.ts'
import type { Written } from '../publish/publish.ts'
import { createSpread } from '../publish/spread.ts'
import type { Io } from '../worker/io.ts'
import { createConditions } from './conditions.ts'
import { createFreshness } from './freshness.ts'
import { createWorkload } from './workload.ts'

/** The sample of users whose lists are compared. */
const spreadUsersMax = 1_024
const spreadItemsMax = 100
const recentUsersShown = 12
const closedGate = { enabled: false, held: false, detail: 'not judging yet' }

export interface MonitorParts {
  readonly config: Config
  readonly io: Io
  readonly logger: Logger
}

/** The parts of a worker that has started, for what only they can tell. */
export interface Running {
  readonly trainer: Pick<Trainer, 'ask'>
  readonly gate: Pick<GateKeeper, 'view'>
  readonly source: Pick<EventSource, 'lag'>
}

export interface Monitor {
  readonly metrics: Metrics
  /** Listens where the settings say so, else does nothing. @throws Failure LIMIT_REACHED */
  open(): Promise<void>
  started(running: Running): void
  onTaken(batch: BatchRead): void
  onStored(readMs: number): void
  onBatch(outcome: BatchOutcome): void
  onEngine(name: string): void
  onStats(stats: TrainerStats): void
  onCheckpoint(written: CheckpointWritten): void
  onCheckpointFailed(code: string): void
  onLearned(readMs: number): void
  onBeat(): void
  onWritten(written: Written): void
  onOutage(what: string, failure: Failure | undefined): void
  close(): Promise<void>
}

export function createMonitor({ config, io, logger }: MonitorParts): Monitor {
  const registry = new Registry()
  const version = programVersion()
  const { model } = config
  const facts = { version, engine: config.engine, model, now: io.nowMs }
  const metrics = createMetrics(registry, { ...facts, process: config.httpPort > 0 })
  const conditions = createConditions(config, io.elapsedMs)
  const freshness = createFreshness()
  const workload = createWorkload(logger, io.elapsedMs)
  const spread = createSpread({ usersMax: spreadUsersMax, itemsMax: spreadItemsMax })
  let running: Running | undefined
  const startedAt = io.nowMs()
  const live = config.source.startsWith('kafka:')
  let engine: string = config.engine
  let trainer: TrainerStats | undefined
  let server: StatusServer | undefined

  const secondsSince = (ms: number) => Math.max(0, io.elapsedMs() - ms) / 1000
  const gateView = () => running?.gate.view() ?? closedGate

  /** What only looking can tell. */
  function refresh(): void {
    const waiting = running?.source.lag()
    if (waiting !== undefined) metrics.lagRecords.set(waiting)
    if (waiting === 0 || !live) metrics.lagSeconds.set(0)
    const catchUp = workload.catchUp()
    metrics.historyLeft.set(catchUp?.recordsLeft ?? 0)
    metrics.historyShare.set(catchUp?.share ?? 1)
    const figures = spread.figures(trainer?.items ?? 0, io.nowMs())
    metrics.spreadUsers.set(figures.users)
    if (figures.coverage !== undefined) metrics.coverage.set(figures.coverage)
    if (figures.overlap !== undefined) metrics.overlap.set(figures.overlap)
    if (config.deterministic) return // Lists are then dated in event time, which has no age.
    if (figures.ageMedian !== undefined) metrics.listAgeSeconds.of('median').set(figures.ageMedian)
    if (figures.ageOldest !== undefined) metrics.listAgeSeconds.of('oldest').set(figures.ageOldest)
  }

  const status: Status = {
    alive: () => conditions.alive(),
    conditions: () => conditions.all(gateView(), workload.catchUp()),
    state() {
      refresh()
      const gate = gateView()
      return readState(metrics, {
        ...{ version, engine, model, startedAt, live, now: io.nowMs(), trainer, gate },
        conditions: conditions.all(gate, workload.catchUp()),
        recentUsers: spread.newest(recentUsersShown).map(String),
      })
    },
    async ask(user) {
      if (running === undefined) throw new Failure('TRAINER_FAILED', 'it has not started yet')
      return running.trainer.ask({ kind: 'explain', user, k: config.k })
    },
  }

  return {
    metrics,
    async open() {
      if (config.httpPort === 0) return
      const { httpHost: host, httpPort: port, httpToken: token } = config
      const log = logger.child({ part: 'http' })
      server = await startStatusServer({
        ...{ status, registry, log, host, port, token, now: io.elapsedMs },
      })
      logger.info('the status page is open', { url: server.url })
      if (io.stderr.isTTY === true) io.stderr.write(`  Watch it at ${server.url}\n\n`)
    },
    started(parts) {
      running = parts
      conditions.started()
    },
    onTaken({ stream, records, lastOffset, readMs, historyLeft }) {
      metrics.consumed.add(records)
      workload.read(stream, records, historyLeft)
      freshness.read(stream, lastOffset, readMs)
    },
    onStored: (readMs) => metrics.toApplied.observe(secondsSince(readMs)),
    onBatch({ applied, forgotten, overCapacity, dead, skipped, newestEvent }) {
      metrics.overCapacity.add(overCapacity)
      metrics.applied.add(applied)
      metrics.forgotten.add(forgotten)
      for (const [reason, count] of Object.entries(dead))
        metrics.deadLettered.from(reason).add(count)
      for (const [reason, count] of Object.entries(skipped)) metrics.skipped.from(reason).add(count)
      if (live && newestEvent !== undefined) {
        metrics.lagSeconds.set(Math.max(0, io.nowMs() - newestEvent) / 1000)
      }
    },
    onEngine(name) {
      engine = name
    },
    onStats(stats) {
      trainer = stats
      metrics.observeTrainer(stats)
      workload.stats(stats)
    },
    onCheckpoint({ generation, bytes, ms }) {
      conditions.checkpointed()
      metrics.checkpointTime.set(io.nowMs() / 1000)
      metrics.checkpointGeneration.set(generation)
      metrics.checkpointBytes.set(bytes)
      metrics.checkpointSeconds.set(ms / 1000)
    },
    onCheckpointFailed(code) {
      conditions.checkpointed(code)
      metrics.checkpointFailures.add()
    },
    onLearned: (readMs) => metrics.toLearned.observe(secondsSince(readMs)),
    onBeat: () => conditions.beat(),
    onWritten({ lists, fresh, forgotten }) {
      for (const { user, items, generatedAt, source } of lists) {
        metrics.listsPublished.of(source).add()
        spread.add(
          user,
          items.map(({ item }) => item),
          generatedAt,
        )
      }
      for (const { position } of fresh) {
        const readMs = freshness.readMsOf(position)
        if (readMs !== undefined) metrics.toPublished.observe(secondsSince(readMs))
      }
      metrics.listsForgotten.add(forgotten.length)
      for (const user of forgotten) spread.forget(user)
    },
    onOutage: (what, failure) => conditions.outage(what, failure),
    async close() {
      await server?.close()
      registry.clear()
    },
  }
}
