// When a checkpoint is due and how it is written. In a deterministic run it is due after a set number of events and
// written at once, else after a set time and written beside the learning, as changes to the one before.

import type { Config } from '../../config.ts'
import { Failure } from '../../errors.ts'
import type { CheckpointWritten, TrainerReport } from '../../messages.ts'
import type { Checkpoint, CheckpointStore } from '../../ports/checkpoint-store.ts'
import { createSaveBeside, type SaveBeside } from '../checkpoint/beside.ts'
import { bytesOfRow } from '../checkpoint/pieces.ts'
import type { Core } from './core.ts'

/** At the end of a run a state of at most this size is written as a whole, which other programs read as it is. */
const wholeBytesMax = 64 * 1024 * 1024

export interface Checkpointer {
  /**
   * Begins a checkpoint, or in a deterministic run writes one, if it is due; goes on with one that has begun. `between`
   * is called after each piece.
   */
  work(core: Core, between?: () => void): Promise<void>
  /** Whether work() has something to do now. */
  isBusy(core: Core): boolean
  /** How many of `of` events a turn takes, so that lists and questions wait no longer while learning is slow. */
  turnEvents(of: number): number
  /** Of the newest checkpoint. */
  readonly generation: number
  /** Finishes what has begun, writes what has changed since, and returns the generation. @throws Failure */
  save(core: Core): Promise<number>
  /** Gives up what has begun: the core is another one now. */
  forget(): Promise<void>
}

export interface CheckpointerOptions {
  readonly config: Pick<
    Config,
    'deterministic' | 'checkpointEveryEvents' | 'checkpointEverySeconds'
  >
  readonly store: CheckpointStore | undefined
  readonly nextGeneration: number
  readonly core: Core
  /** What the core was restored from. */
  readonly resume?: Checkpoint | undefined
  readonly nowMs: () => number
  readonly report: (report: TrainerReport) => void
}

/** Nothing that lives on holds `options`: with them the checkpoint in `resume` would stay in memory. */
export function createCheckpointer(options: CheckpointerOptions): Checkpointer {
  const { config, store, nowMs, report, core: first, resume } = options
  const beside = store && createSaveBeside({ store, snapshot: first.live, resume, nowMs })
  let generation = options.nextGeneration - 1
  let savedAtMs = nowMs()
  let savedAtEvents = first.learner.counts.events
  /** Of the state that the newest checkpoint holds. */
  let saved = resume === undefined ? '' : progressOf(first)
  let broken: { readonly cause: unknown } | undefined

  function isDue(core: Core): boolean {
    if (!core.atBatchEnd) return false
    return config.deterministic
      ? core.learner.counts.events - savedAtEvents >= config.checkpointEveryEvents
      : nowMs() - savedAtMs >= config.checkpointEverySeconds * 1000
  }

  /** A failure that may pass is only told: a full disk must not end the learning. */
  function tell(cause: unknown): void {
    if (cause instanceof Failure && cause.fate !== 'stop') {
      report({ kind: 'checkpointFailed', code: cause.code, message: cause.message })
    } else broken ??= { cause }
  }

  async function saveChanges(core: Core, by: SaveBeside): Promise<void> {
    let progress = ''
    let place = placeOf(core)
    generation++
    const { live } = core
    /** Called at the moment whose state the checkpoint holds. */
    const facts = () => {
      progress = progressOf(core)
      place = placeOf(core)
      return live.facts()
    }
    const written = await by.begin({ ...live, facts }, generation)
    saved = progress
    report({ kind: 'checkpoint', ...written, ...place })
  }

  async function saveWhole(core: Core, to: CheckpointStore): Promise<void> {
    const startedMs = nowMs()
    const [progress, place] = [progressOf(core), placeOf(core)]
    generation++
    // The rows are read where they lie, before the first await.
    const saving = to.save(core.view(generation))
    const pauseMs = nowMs() - startedMs
    const written = await saving
    saved = progress
    report({ kind: 'checkpoint', ...written, ms: nowMs() - startedMs, pauseMs, ...place })
  }

  function workBeside(core: Core, by: SaveBeside, between?: () => void): void {
    if (!by.isUnderWay && isDue(core)) {
      savedAtMs = nowMs()
      if (saved === progressOf(core)) report({ kind: 'checkpointCurrent', generation })
      else saveChanges(core, by).catch(tell)
    }
    by.work(core.atBatchEnd, between)
  }

  return {
    turnEvents: (of) => (beside?.slowsLearning === true ? Math.ceil(of / 8) : of),
    isBusy: (core) => beside?.isBusy(core.atBatchEnd) === true,
    get generation() {
      return generation
    },
    async work(core, between) {
      if (store === undefined || beside === undefined) return
      if (!config.deterministic) workBeside(core, beside, between)
      else if (isDue(core)) {
        savedAtEvents = core.learner.counts.events
        await saveWhole(core, store).catch(tell)
      }
      if (broken !== undefined) throw broken.cause
    },
    async save(core) {
      if (store === undefined || beside === undefined) return generation
      await beside.finish()
      if (beside.hasBase && saved === progressOf(core) && !hasChanged(core)) return generation
      savedAtMs = nowMs()
      savedAtEvents = core.learner.counts.events
      if (config.deterministic || !beside.hasBase || bytesOf(core) <= wholeBytesMax) {
        await beside.forget()
        await saveWhole(core, store)
      } else {
        const saving = saveChanges(core, beside)
        await beside.finish()
        await saving
      }
      return generation
    },
    forget: async () => {
      saved = ''
      await beside?.forget()
    },
  }
}

/** In the update log; nothing where nothing is shared. */
function placeOf({ group }: Core): Pick<CheckpointWritten, 'updatesNext'> {
  return group === undefined ? {} : { updatesNext: group.next }
}

/** What replays of earlier events alone leave as it is: they are no reason to write a checkpoint. */
function progressOf({ learner, lists, input, group }: Core): string {
  const { events, repeats, removals } = learner.counts
  const { positives, shedding } = learner
  return JSON.stringify([
    ...[events, repeats, removals, positives.size, positives.users, positives.items],
    ...[shedding.debt.events, shedding.debt.givenUp, lists.waiting, input.users.length],
    ...(group === undefined ? [] : [group.next]),
    ...[input.positions, input.marks, input.dead, input.skipped].map((counts) => [...counts]),
  ])
}

function hasChanged({ live }: Core): boolean {
  return live.state.live.some(({ changed, rows }) => changed.count(rows) > 0)
}

function bytesOf({ live }: Core): number {
  return live.state.live.reduce((sum, rows) => sum + rows.rows * bytesOfRow(rows), 0)
}
