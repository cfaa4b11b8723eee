// Drives the learning side: turns, rounds of ranking, checkpoints and reports. In a deterministic run all of them are
// timed in events, so the same input gives the same bytes however it was cut into batches; otherwise by the clock.

import type { Config } from '../../config.ts'
import type { TrainerBatch, TrainerReport } from '../../messages.ts'
import type { Checkpoint, CheckpointStore } from '../../ports/checkpoint-store.ts'
import type { Engine } from '../../ports/engine.ts'
import type { StoreReading } from '../../ports/trainer.ts'
import type { Answer, ItemsTold, Question, RolledBack } from '../../requests.ts'
import { createCheckpointer } from './checkpointer.ts'
import { type Core, createCore } from './core.ts'
import { createCheckpointFinder, eventsOf } from './roll-back.ts'
import { createRounds } from './rounds.ts'
import { createSpareTime } from './spare-time.ts'
import { createStatsReporter } from './stats-reporter.ts'

/** A history of which nothing has come for so long is over: its last record may have been one that is not read. */
const historyOverMs = 2_000

export interface DriverOptions {
  readonly config: Config
  readonly engine: Engine
  readonly checkpoints: CheckpointStore | undefined
  readonly resume?: Checkpoint | undefined
  /** The number of this run's first checkpoint. */
  readonly nextGeneration: number
  readonly versionBase: number | undefined
  /** What of the store is read beside the work; absent: nothing. */
  readonly storeReading?: StoreReading | undefined
  /** Who is owed a list for what was history is kept by whoever hears the reports. */
  readonly keepsOwed?: boolean | undefined
  /** Since the epoch, by which the item feed is obeyed; absent: the newest event time. */
  readonly wallMs?: (() => number) | undefined
  /** Monotonic ms. */
  readonly nowMs: () => number
  readonly report: (report: TrainerReport) => void
}

export interface Driver {
  /** Events worked on in all. */
  readonly done: number
  take(batch: TrainerBatch): void
  /** One turn and what is due after it. Returns whether there is more to do. */
  step(): Promise<boolean>
  /** Works until the queue is empty and every list that is due has been reported. */
  finish(): Promise<void>
  /**
   * Work for a trainer that has nothing else to do. Returns for how many ms it may rest: 0 where there is more of it,
   * Infinity where nothing is to come but events.
   */
  rest(): number
  checkpoint(): Promise<number>
  /** Finishes the batch in hand first, because state and positions agree only between batches. */
  rollBack(eventsMax: number): Promise<RolledBack | undefined>
  relist(users: Int32Array): void
  /** See Core. */
  takeItems(told: ItemsTold): number
  answer<Q extends Question>(question: Q): Answer<Q>
}

/** Nothing that lives on holds `options`: with them the checkpoint in `resume` would stay in memory. */
export function createDriver(options: DriverOptions): Driver {
  const { config, checkpoints: store, nowMs, report } = options
  let core: Core = createCore(options)
  const findCheckpoint = createCheckpointFinder(store)
  const checkpointer = createCheckpointer({ ...options, store, core })
  const stats = createStatsReporter({ nowMs, report })
  const lists = createListReporter(config, nowMs, report)
  let done = 0
  /** What knows of a part of the users must not take the place of a checkpoint that knows of all. */
  const maySave = (): boolean => !core.input.unread.isStoreUnread
  const spareTime = createSpareTime(nowMs)

  async function step(): Promise<boolean> {
    // Turns end at multiples of turnEvents, wherever the batches end.
    const { events } = core.learner.counts
    done += stats.timed(() =>
      core.turn(checkpointer.turnEvents(config.turnEvents - (events % config.turnEvents)), nowMs()),
    )
    const now = core.learner.counts.events
    // Not saved in a checkpoint, so reported before one is written.
    lists.reportForgotten(core)
    lists.round(core, now > events && now % config.turnEvents === 0)
    if (maySave()) await checkpointer.work(core)
    stats.reportIfDue(core)
    return core.hasWork || checkpointer.isBusy(core)
  }

  function answerOf(question: Question): Answer<Question> {
    if (question.kind === 'stats') return stats.of(core, true)
    if (question.kind !== 'explain') return core.serve(question)
    return core.explain(question.user, question.k, question.at)
  }

  return {
    get done() {
      return done
    },
    take(batch) {
      core.take(batch, nowMs())
    },
    step,
    async finish() {
      let more = true
      while (more) more = await step()
      done += stats.timed(() => core.turn(1, nowMs()))
      do lists.publish(core, Infinity)
      while (core.lists.waiting > 0)
      stats.report(core)
    },
    rest() {
      if (nowMs() - stats.workedAtMs >= historyOverMs) core.lists.caughtUp()
      lists.rest(core)
      stats.reportIfDue(core)
      const pauseMs = core.lists.pauseLeft(nowMs())
      if (pauseMs === 0 || checkpointer.isBusy(core)) return 0
      const { learnedMs, more } = spareTime.use(core)
      stats.addLearning(learnedMs)
      // Lists that no event asks for come after all that one does.
      if (!more && core.lists.waiting === 0) lists.unasked(core)
      return more ? 0 : pauseMs
    },
    checkpoint: async () => (maySave() ? checkpointer.save(core) : checkpointer.generation),
    async rollBack(eventsMax) {
      while (!core.atBatchEnd) done += stats.timed(() => core.turn(config.turnEvents, nowMs()))
      const found = await findCheckpoint(eventsMax)
      if (found === undefined) return undefined
      await checkpointer.forget()
      core = core.rolledBack(found)
      return { generation: found.generation, events: eventsOf(found) }
    },
    relist: (users) => core.lists.republish(users),
    takeItems: (told) => core.takeItems(told),
    answer: <Q extends Question>(question: Q) => answerOf(question) as Answer<Q>,
  }
}

/** Reports lists and forgotten users, as many lists in a round as the trainer's load allows. */
function createListReporter(config: Config, nowMs: () => number, report: DriverOptions['report']) {
  const rounds = createRounds(nowMs)

  function reportForgotten(core: Core): void {
    const forgotten = core.takeForgotten()
    if (forgotten.length === 0) return
    const users = Int32Array.from(forgotten, ({ user }) => user)
    const evictions = Int32Array.from(forgotten, (one) => one.evictions)
    report({ kind: 'forgotten', users, evictions, modelVersion: core.lists.version })
  }

  function publish(
    core: Core,
    now = config.deterministic ? 0 : nowMs(),
    isOver?: () => boolean,
  ): void {
    // The forgotten users first: a list that is due now belongs to a user who has come back since.
    reportForgotten(core)
    const lists = core.rank(now, isOver)
    if (lists.length > 0) report({ kind: 'lists', lists, evictions: { ...core.input.evictions } })
  }

  /** False where the round ends before lists take no longer than it. */
  function prepareLists(
    { learner: { preference, positives } }: Core,
    isOver: () => boolean,
  ): boolean {
    while (preference.mustPrepare?.(positives.items) ?? false) {
      if (isOver()) return false
      preference.prepare?.(positives.items)
    }
    return true
  }

  function publishRound(core: Core, effort: number): void {
    rounds.run(effort, (isOver) => {
      if (!prepareLists(core, isOver)) return 0
      const before = core.lists.ranked
      publish(core, nowMs(), isOver)
      return core.lists.ranked - before
    })
  }

  return {
    reportForgotten,
    publish,
    /** While nothing else is to be done. */
    unasked(core: Core): void {
      if (config.deterministic) return
      rounds.run(1, (isOver) => {
        const ranked = core.rankUnasked(isOver)
        if (ranked.length > 0) report({ kind: 'lists', lists: ranked })
        return ranked.length
      })
    },
    /** `isTurnEnd`: the number of events has reached a multiple of turnEvents. */
    round(core: Core, isTurnEnd: boolean): void {
      if (!config.deterministic) publishRound(core, core.effort.lists)
      else if (isTurnEnd) publish(core)
    },
    /** While no event waits. */
    rest(core: Core): void {
      if (config.deterministic) publish(core)
      else publishRound(core, 1)
    },
  }
}
