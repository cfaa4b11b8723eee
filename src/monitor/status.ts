// What the worker says of itself when it is asked: the state of the status page, its conditions, and why a user has the
// list that she has.

import type { Config } from '../config.ts'
import { Failure } from '../errors.ts'
import type { Io } from '../io.ts'
import type { TrainerStats } from '../messages.ts'
import { readState } from '../metrics/state.ts'
import type { Metrics } from '../metrics.ts'
import type { EventSource } from '../ports/event-source.ts'
import type { ListService } from '../ports/list-service.ts'
import type { Status } from '../ports/status.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { GateKeeper } from '../publish/gate-keeper.ts'
import type { Spread } from '../publish/spread.ts'
import type { Conditions } from './conditions.ts'
import type { GroupWatch } from './group.ts'
import type { Workload } from './workload.ts'

const recentUsersShown = 12
const closedGate = { enabled: false, paused: false, detail: 'not judging yet' }

/** The parts of a worker that has started, for what only they can tell. */
export interface Running {
  readonly trainer: Pick<Trainer, 'ask'>
  readonly gate: Pick<GateKeeper, 'view'>
  readonly source: Pick<EventSource, 'lag' | 'isAssigned'>
  readonly lists: ListService
}

/** What is known by now and changes while the worker runs. */
export interface Known {
  /** undefined: it has not started yet. */
  running: Running | undefined
  engine: string
  /** The trainer's newest report of itself. */
  trainer: TrainerStats | undefined
  /** When all work was done, in ms since the epoch. */
  finishedAt: number | undefined
}

export interface StatusParts {
  readonly config: Config
  readonly io: Io
  readonly version: string
  readonly metrics: Metrics
  readonly conditions: Conditions
  readonly workload: Workload
  readonly group: GroupWatch
  readonly spread: Spread
  readonly known: Readonly<Known>
}

export function createStatus(parts: StatusParts): Status {
  const { config, io, version, metrics, conditions, workload, group, spread, known } = parts
  const { model } = config
  const startedAt = io.nowMs()
  const live = config.source.startsWith('kafka:')

  const isAssigned = () => known.running?.source.isAssigned?.() ?? true
  const gateView = () => known.running?.gate.view() ?? closedGate
  const seen = () => ({
    gate: gateView(),
    catchUp: workload.catchUp(),
    isAssigned: isAssigned(),
    group: group.view(),
  })

  /** Sets the metrics that nothing reports and that have to be looked up. */
  function refresh(): void {
    const waiting = known.running?.source.lag()
    if (waiting !== undefined) metrics.lagRecords.set(waiting)
    if (waiting === 0 || !live) metrics.lagSeconds.set(0)
    const catchUp = workload.catchUp()
    metrics.historyLeft.set(catchUp?.recordsLeft ?? 0)
    metrics.historyShare.set(catchUp?.share ?? 1)
    const figures = spread.figures(known.trainer?.items ?? 0, io.nowMs())
    metrics.spreadUsers.set(figures.users)
    if (figures.coverage !== undefined) metrics.coverage.set(figures.coverage)
    if (figures.overlap !== undefined) metrics.overlap.set(figures.overlap)
    if (config.deterministic) return // Lists are then dated in event time, which has no age.
    if (figures.ageMedian !== undefined) metrics.listAgeSeconds.of('median').set(figures.ageMedian)
    if (figures.ageOldest !== undefined) metrics.listAgeSeconds.of('oldest').set(figures.ageOldest)
  }

  return {
    alive: () => conditions.alive(),
    conditions: () => conditions.all(seen()),
    state() {
      refresh()
      const now = seen()
      const { engine, trainer, finishedAt } = known
      return readState(metrics, {
        ...{ version, engine, model, startedAt, finishedAt, live, now: io.nowMs(), trainer },
        ...{ gate: now.gate, catchUp: now.catchUp, group: now.group },
        conditions: conditions.all(now),
        recentUsers: spread.newest(recentUsersShown).map(String),
      })
    },
    async ask(user) {
      if (known.running === undefined) {
        throw new Failure('TRAINER_FAILED', 'it has not started yet')
      }
      return known.running.trainer.ask({ kind: 'explain', user, k: config.k })
    },
  }
}
