// Drives the learning side: turns, rounds of ranking, checkpoints and reports. In a deterministic run all of them are
// timed in events, so the same input gives the same bytes however it was cut into batches; otherwise by the clock.

import type { Config } from '../../config.ts'
import type { TrainerBatch, TrainerReport } from '../../messages.ts'
import type { Checkpoint, CheckpointStore } from '../../ports/checkpoint-store.ts'
import type { Engine } from '../../ports/engine.ts'
import type { StoreReading } from '../../ports/trainer.ts'
import type { Pause } from '../../rank/preference.ts'
import type {
  Answer,
  GroupSpec,
  GroupState,
  ItemsTold,
  Question,
  RolledBack,
  UpdateBatch,
} from '../../requests.ts'
import type { Group } from '../group/group.ts'
import { createCheckpointer } from './checkpointer.ts'
import { type Core, createCore } from './core.ts'
import { createTurns } from './pacing.ts'
import { createListReporter, createStatsReporter } from './reporters.ts'
import { createCheckpointFinder, eventsOf } from './roll-back.ts'
import { createSpareTime } from './spare-time.ts'

/** A history of which nothing has come for this long is over: its last record may have been one that is not read. */
const historyOverMs = 2_000
/** Lists of one report at the end of a run. */
const listsAtOnce = 1_000

export interface DriverOptions {
  readonly config: Config
  readonly engine: Engine
  readonly checkpoints: CheckpointStore | undefined
  readonly resume?: Checkpoint | undefined
  /** See CoreOptions. */
  readonly onTakenOut?: ((bytes: number) => void) | undefined
  /** The number of this run's first checkpoint. */
  readonly nextGeneration: number
  readonly versionBase: number | undefined
  /** What of the store is read beside the work; absent: nothing. */
  readonly storeReading?: StoreReading | undefined
  /** Who is owed a list for what was history is kept by whoever hears the reports. */
  readonly keepsOwed?: boolean | undefined
  /** Learning as one of a group; absent: nothing is shared. */
  readonly group?: GroupSpec | undefined
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
  /**
   * One turn and what is due after it. Returns whether there is more to do. `between`, here and below, is called after
   * each event, each piece of a list and of what else takes long: answer() may be called from it, and take(). It
   * returns whether answer() was.
   */
  step(between?: Pause): Promise<boolean>
  /** Works until the queue is empty and every list that is due has been reported. */
  finish(): Promise<void>
  /**
   * Work for a trainer that has nothing else to do. Returns for how many ms it may rest: 0 where there is more of it,
   * Infinity where nothing is to come but events.
   */
  rest(between?: Pause): number
  checkpoint(): Promise<number>
  /** Finishes the batch in hand first, because state and positions agree only between batches. */
  rollBack(eventsMax: number, between?: () => void): Promise<RolledBack | undefined>
  relist(users: Int32Array): void
  /** To be called in the order in which batches and updates come, before readUpdates(). */
  nameItems(names: readonly string[]): void
  /** These and the next two: see ports/trainer.ts. */
  readUpdates(batch: UpdateBatch): GroupState
  takeUpdate(releases: boolean, between?: () => void): Uint8Array[]
  claimStreams(streams: readonly string[]): Uint8Array
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
  /** Spent on answers, ms. */
  let answeringMs = 0
  /** A clock that stands still meanwhile: answers take nothing of the time of learning or of lists. */
  const workMs = (): number => nowMs() - answeringMs
  const reporting = { nowMs, workMs, report }
  const stats = createStatsReporter(reporting)
  const lists = createListReporter(config, reporting)
  let done = 0
  /** What knows of a part of the users must not take the place of a checkpoint that knows of all. */
  const maySave = (): boolean => !core.input.unread.isStoreUnread
  const spareTime = createSpareTime(workMs)
  const turns = createTurns(config.deterministic)

  async function step(between?: Pause): Promise<boolean> {
    // Turns end at multiples of turnEvents, wherever the batches end.
    const { events } = core.learner.counts
    const most = checkpointer.turnEvents(config.turnEvents - (events % config.turnEvents))
    const startedMs = workMs()
    const learned = stats.timed(() => core.turn(turns.events(most), nowMs(), between))
    turns.took(learned, workMs() - startedMs)
    done += learned
    const now = core.learner.counts.events
    // Not saved in a checkpoint, so reported before one is written.
    lists.reportForgotten(core)
    lists.round(core, now > events && now % config.turnEvents === 0, between)
    if (maySave()) await checkpointer.work(core, between)
    stats.reportIfDue(core, between)
    return core.hasWork || checkpointer.isBusy(core)
  }

  /** State and positions agree only between batches. */
  function finishBatch(between?: () => void): void {
    while (!core.atBatchEnd)
      done += stats.timed(() => core.turn(config.turnEvents, nowMs(), between))
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
      publishAll(core, lists)
      stats.report(core)
    },
    rest(between) {
      if (nowMs() - stats.workedAtMs >= historyOverMs) core.lists.caughtUp()
      lists.rest(core, between)
      stats.reportIfDue(core, between)
      const pauseMs = core.lists.pauseLeft(nowMs())
      if (pauseMs === 0 || checkpointer.isBusy(core)) return 0
      const { learnedMs, more } = spareTime.use(core, between)
      stats.addLearning(learnedMs)
      // Lists that no event asks for come after all that one does.
      if (!more && core.lists.waiting === 0) lists.unasked(core, between)
      return more ? 0 : pauseMs
    },
    checkpoint: async () => (maySave() ? checkpointer.save(core) : checkpointer.generation),
    async rollBack(eventsMax, between) {
      // What a group has learned cannot be taken out of it again by one of them.
      if (core.group !== undefined) return undefined
      finishBatch(between)
      const found = await findCheckpoint(eventsMax)
      if (found === undefined) return undefined
      await checkpointer.forget()
      core = core.rolledBack(found)
      return { generation: found.generation, events: eventsOf(found) }
    },
    nameItems: (names) => core.nameItems(names),
    readUpdates(batch) {
      const state = stats.busy(() => groupOf(core).read(batch))
      stats.tellPositions(core)
      return state
    },
    takeUpdate(releases, between) {
      finishBatch(between)
      return stats.busy(() => groupOf(core).take(releases))
    },
    claimStreams: (streams) => groupOf(core).claim(streams),
    relist: (users) => core.lists.republish(users),
    takeItems: (told) => core.takeItems(told),
    answer<Q extends Question>(question: Q) {
      const startedMs = nowMs()
      try {
        return answerOf(question) as Answer<Q>
      } finally {
        answeringMs += nowMs() - startedMs
      }
    },
  }
}

/** Some in each report: all at once they would take as much memory as all else. */
function publishAll(core: Core, lists: ReturnType<typeof createListReporter>): void {
  let isOver = true
  while (isOver || core.lists.waiting > 0) {
    let left = listsAtOnce
    isOver = false
    lists.publish(core, Infinity, () => (isOver = --left <= 0))
  }
}

function groupOf({ group }: Core): Group {
  if (group === undefined) throw new RangeError('the trainer was started without a group')
  return group
}
