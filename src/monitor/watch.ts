// What is seen of a running worker: everything that happens becomes metrics, conditions and the state of the page.
// Steers nothing but the gate, which it hands the trainer's reports.

import { type StatusServer, startStatusServer } from '../adapters/http/server.ts'
import type { BatchOutcome, BatchRead } from '../app.ts'
import { programVersion } from '../command/version.ts'
import type { Config } from '../config.ts'
import { Failure } from '../errors.ts'
import type { TrainerReport, TrainerStats } from '../messages.ts'
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

export interface WatchParts {
  readonly config: Config
  readonly io: Io
  readonly logger: Logger
}

/** What is known only after the watching has begun. */
export interface Watched {
  readonly trainer: Trainer
  readonly gate: GateKeeper
  readonly source: Pick<EventSource, 'lag'>
}

export interface Watch {
  readonly metrics: Metrics
  /** Listens where the settings say so, else does nothing. @throws Failure LIMIT_REACHED */
  open(): Promise<void>
  knows(part: Partial<Watched>): void
  started(): void
  onTaken(batch: BatchRead): void
  onStored(readMs: number): void
  onBatch(outcome: BatchOutcome): void
  onReport(report: TrainerReport): void
  onLearned(readMs: number): void
  onBeat(): void
  onWritten(written: Written): void
  onOutage(what: string, failure: Failure | undefined): void
  close(): Promise<void>
}

export function createWatch({ config, io, logger }: WatchParts): Watch {
  const registry = new Registry()
  const version = programVersion()
  const { model } = config
  const facts = { version, engine: config.engine, model, now: io.nowMs }
  const metrics = createMetrics(registry, { ...facts, process: config.httpPort > 0 })
  const conditions = createConditions(config, io.elapsedMs)
  const freshness = createFreshness()
  const workload = createWorkload(logger, io.elapsedMs)
  const spread = createSpread({ usersMax: spreadUsersMax, itemsMax: spreadItemsMax })
  const known: Partial<Watched> = {}
  const startedAt = io.nowMs()
  const live = config.source.startsWith('kafka:')
  let engine: string = config.engine
  let trainer: TrainerStats | undefined
  let server: StatusServer | undefined

  const secondsSince = (ms: number) => Math.max(0, io.elapsedMs() - ms) / 1000
  const gateView = () => known.gate?.view() ?? closedGate

  /** What only looking can tell. */
  function refresh(): void {
    const waiting = known.source?.lag()
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
      if (known.trainer === undefined) throw new Failure('TRAINER_FAILED', 'it has not started yet')
      return known.trainer.ask({ kind: 'explain', user, k: config.k })
    },
  }

  function onCheckpoint({
    generation,
    bytes,
    ms,
  }: {
    generation: number
    bytes: number
    ms: number
  }) {
    conditions.checkpointed()
    metrics.checkpointTime.set(io.nowMs() / 1000)
    metrics.checkpointGeneration.set(generation)
    metrics.checkpointBytes.set(bytes)
    metrics.checkpointSeconds.set(ms / 1000)
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
    knows: (part) => void Object.assign(known, part),
    started: () => conditions.started(),
    onTaken({ stream, records, lastOffset, readMs, historyLeft }) {
      metrics.consumed.add(records)
      workload.read(stream, records, historyLeft)
      freshness.read(stream, lastOffset, readMs)
    },
    onStored: (readMs) => metrics.toApplied.observe(secondsSince(readMs)),
    onBatch({ applied, forgotten, unplaced, dead, skipped, newestEvent }) {
      metrics.unplaced.add(unplaced)
      metrics.applied.add(applied)
      metrics.forgotten.add(forgotten)
      for (const [reason, count] of Object.entries(dead))
        metrics.deadLettered.from(reason).add(count)
      for (const [reason, count] of Object.entries(skipped)) metrics.skipped.from(reason).add(count)
      if (live && newestEvent !== undefined) {
        metrics.lagSeconds.set(Math.max(0, io.nowMs() - newestEvent) / 1000)
      }
    },
    onReport(report) {
      if (report.kind === 'stats') {
        trainer = report.stats
        metrics.observeTrainer(report.stats)
        workload.stats(report.stats)
        known.gate?.report(report.stats)
      } else if (report.kind === 'engine') engine = report.name
      else if (report.kind === 'checkpoint') onCheckpoint(report)
      else if (report.kind === 'checkpointFailed') {
        conditions.checkpointed(report.code)
        metrics.checkpointFailures.add()
      }
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
