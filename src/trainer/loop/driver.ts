// Drives the learning side: turns, rounds of ranking, checkpoints, reports. In deterministic runs everything is
// counted in events, so the same input gives the same bytes however it was cut into batches; otherwise in time.

import type { Config } from '../../config.ts'
import { Failure } from '../../errors.ts'
import type {
  Answer,
  Question,
  RolledBack,
  TrainerBatch,
  TrainerReport,
  TrainerStats,
} from '../../messages.ts'
import type { Checkpoint, CheckpointStore } from '../../ports/checkpoint-store.ts'
import type { Engine } from '../../ports/engine.ts'
import { type Core, createCore } from './core.ts'
import { createProven, eventsOf } from './roll-back.ts'
import { createRounds } from './rounds.ts'
import { createSpareTime } from './spare-time.ts'

const statsEveryMs = 500
/** Where nothing of a history has come for so long, it is over: its last record may have been none that is read. */
const historyOverMs = 2_000

export interface DriverOptions {
  readonly config: Config
  readonly engine: Engine
  readonly checkpoints: CheckpointStore | undefined
  readonly resume?: Checkpoint | undefined
  /** Checkpoints of this run are numbered from here. */
  readonly nextGeneration: number
  readonly versionBase: number | undefined
  /** What the store holds is still to come: half of it must not become a checkpoint. */
  readonly awaitsStore?: boolean
  /** Monotonic ms. */
  readonly nowMs: () => number
  readonly report: (report: TrainerReport) => void
}

export interface Driver {
  /** Events worked on in all. */
  readonly done: number
  take(batch: TrainerBatch): void
  /** One turn and what is due after it. Returns whether more work waits. */
  step(): Promise<boolean>
  /** Works until the queue is empty and every list that waits is out. */
  finish(): Promise<void>
  /** Work for a trainer that has nothing to do. Returns whether there is more of it: it need not pause then. */
  rest(): boolean
  checkpoint(): Promise<number>
  /** Finishes the batch in hand first: only between batches do state and positions agree. */
  rollBack(eventsMax: number): Promise<RolledBack | undefined>
  relist(users: Int32Array): void
  answer<Q extends Question>(question: Q): Answer<Q>
}

export function createDriver(options: DriverOptions): Driver {
  const { config, nowMs, report } = options
  let core: Core = createCore(options)
  const proven = createProven(options.checkpoints)
  let generation = options.nextGeneration - 1
  let done = 0
  /** Events that are to be done before anything is saved. */
  let savesFrom = options.awaitsStore === true ? Number.POSITIVE_INFINITY : 0
  let savedAtMs = nowMs()
  let savedAtEvents = core.learner.counts.events
  let statsAtMs = Number.NEGATIVE_INFINITY
  const spareTime = createSpareTime(nowMs)
  let workedAtMs = nowMs()
  const rounds = createRounds(nowMs)

  function publish(now = config.deterministic ? 0 : nowMs(), isOver?: () => boolean): void {
    // First the farewells: a list that is due now belongs to a user who has come back since.
    tellForgotten()
    const lists = core.rank(now, isOver)
    if (lists.length > 0) report({ kind: 'lists', lists })
  }

  function publishRound(effort: number): void {
    rounds.run(effort, (isOver) => {
      const before = core.lists.ranked
      publish(nowMs(), isOver)
      return core.lists.ranked - before
    })
  }

  function tellForgotten(): void {
    const users = core.forgotten()
    if (users.length > 0) report({ kind: 'forgotten', users, modelVersion: core.lists.version })
  }

  async function checkpoint(): Promise<number> {
    if (options.checkpoints === undefined) return generation
    const startedMs = nowMs()
    generation++
    savedAtMs = startedMs
    savedAtEvents = core.learner.counts.events
    const saved = await options.checkpoints.save(core.snapshot(generation))
    const ms = nowMs() - startedMs
    report({ kind: 'checkpoint', generation, bytes: saved.bytes, ms })
    return generation
  }

  /** A full disk must not end the learning: it is told, and tried again when the next one is due. */
  async function checkpointOrTell(): Promise<void> {
    try {
      await checkpoint()
    } catch (cause) {
      if (!(cause instanceof Failure) || cause.fate === 'stop') throw cause
      report({ kind: 'checkpointFailed', code: cause.code, message: cause.message })
    }
  }

  function checkpointIsDue(): boolean {
    if (!core.atBatchEnd || done < savesFrom) return false
    return config.deterministic
      ? core.learner.counts.events - savedAtEvents >= config.checkpointEveryEvents
      : nowMs() - savedAtMs >= config.checkpointEverySeconds * 1000
  }

  function reportStats(): void {
    const now = nowMs()
    if (now - statsAtMs < statsEveryMs) return
    statsAtMs = now
    tell(false)
  }

  let busyMs = 0
  let toldAtMs = nowMs()
  let learningShare = 0
  let learningMs = 0
  function turn(eventsMax: number): number {
    const startedMs = nowMs()
    const events = core.turn(eventsMax, startedMs)
    const endedMs = nowMs()
    const tookMs = endedMs - startedMs
    if (events > 0) workedAtMs = endedMs
    busyMs += tookMs
    learningMs += tookMs
    return events
  }

  function stats(exact: boolean): TrainerStats {
    return { ...core.stats(exact), learningShare, learningSeconds: learningMs / 1000 }
  }

  function tell(exact: boolean): void {
    const now = nowMs()
    if (now > toldAtMs) learningShare = Math.min(1, busyMs / (now - toldAtMs))
    toldAtMs = now
    busyMs = 0
    report({ kind: 'stats', stats: stats(exact) })
    // Not beyond who waits for a list, even where a checkpoint has them: a stream that goes to another worker leaves
    // the checkpoint behind, and only its records can tell there who is owed one.
    report({ kind: 'settled', positions: core.settled(), modelVersion: core.lists.version })
  }

  async function step(): Promise<boolean> {
    // Turns end at multiples of turnEvents, wherever the batches end.
    const { events } = core.learner.counts
    done += turn(config.turnEvents - (events % config.turnEvents))
    const now = core.learner.counts.events
    const round = now > events && now % config.turnEvents === 0
    // Not in a checkpoint, so told before one is due.
    tellForgotten()
    if (config.deterministic && round) publish()
    if (!config.deterministic) publishRound(core.effort.lists)
    if (checkpointIsDue()) await checkpointOrTell()
    reportStats()
    return core.queued > 0
  }

  return {
    get done() {
      return done
    },
    take(batch) {
      core.take(batch, nowMs())
      if (batch.storeEnds === true) savesFrom = done + core.queued
    },
    step,
    async finish() {
      let more = true
      while (more) more = await step()
      done += turn(1)
      do publish(Infinity)
      while (core.lists.waiting > 0)
      tell(true)
    },
    rest() {
      if (nowMs() - workedAtMs >= historyOverMs) core.lists.caughtUp()
      if (config.deterministic) publish()
      else publishRound(1)
      reportStats()
      if (core.lists.waiting > 0) return true
      const { learnedMs, more } = spareTime.use(core)
      busyMs += learnedMs
      learningMs += learnedMs
      return more
    },
    checkpoint,
    async rollBack(eventsMax) {
      while (!core.atBatchEnd) done += turn(config.turnEvents)
      const found = await proven(eventsMax)
      if (found === undefined) return undefined
      core = core.rolledBack(found)
      return { generation: found.generation, events: eventsOf(found) }
    },
    relist: (users) => core.lists.again(users),
    answer<Q extends Question>(question: Q): Answer<Q> {
      const given =
        question.kind === 'stats'
          ? stats(true)
          : core.explain(question.user, question.k, question.at)
      return given as Answer<Q>
    },
  }
}
