// Checkpoints beside the learning: each holds what has changed since the one before, or everything where there is none
// that it could be changes to.

import type { CheckpointWritten } from '../../messages.ts'
import type { Checkpoint, CheckpointStore } from '../../ports/checkpoint-store.ts'
import { createGradualSave, type GradualSave } from './gradual-save.ts'
import type { LiveSnapshot } from './save-state.ts'
import { createSavedParts, recognise, type SavedParts } from './saved-parts.ts'

/** A checkpoint takes this share of the trainer's time. */
const share = 0.25
/** The least and the most that it takes of it at once, in ms. */
const workMsMin = 8
const workMsMax = 24

export interface SaveBeside {
  /** None may be under way. Resolves when it is durable. @throws what the store says */
  begin(snapshot: LiveSnapshot, generation: number): Promise<CheckpointWritten>
  /** Some ms of what has begun. `atBatchEnd`: positions and state agree. `between` is called after each piece. */
  work(atBatchEnd: boolean, between?: () => void): void
  /** Does the rest of what has begun. Resolves when it has ended, well or not: whoever began it hears. */
  finish(): Promise<void>
  readonly isUnderWay: boolean
  /** Learning takes several times as long as otherwise. */
  readonly slowsLearning: boolean
  /** There is something to do for work() now. */
  isBusy(atBatchEnd: boolean): boolean
  /** Whether the next one can be changes to an older one. */
  readonly hasBase: boolean
  /** Gives up what has begun. The next one holds everything. */
  forget(): Promise<void>
}

export interface SaveBesideOptions {
  readonly store: CheckpointStore
  readonly snapshot: LiveSnapshot
  /** What the state was restored from. */
  readonly resume: Checkpoint | undefined
  /** Monotonic ms. */
  readonly nowMs: () => number
}

/** Nothing that lives on holds `options`: with them the checkpoint in `resume` would stay in memory. */
export function createSaveBeside(options: SaveBesideOptions): SaveBeside {
  const { store, nowMs, resume } = options
  let workedAtMs = nowMs()
  let base: number | undefined
  let parts: SavedParts | undefined
  if (resume !== undefined && store.takesChanges(resume.generation)) {
    base = resume.generation
    parts = recognise(options.snapshot, resume)
  }
  let underWay: { readonly save: GradualSave; readonly ended: Promise<void> } | undefined

  /** The next one holds everything. */
  function startAnew({ state, texts }: LiveSnapshot): SavedParts {
    base = undefined
    for (const { changed } of state.live) changed.markAll()
    for (const live of texts.values()) if ('changed' in live) live.changed.markAll()
    return createSavedParts()
  }

  async function end(save: GradualSave, generation: number): Promise<CheckpointWritten> {
    const startedMs = nowMs()
    try {
      const saved = await save.saved
      if (underWay?.save === save) base = generation
      return { ...saved, ms: nowMs() - startedMs, pauseMs: save.longestMs }
    } catch (cause) {
      // Rows that it has taken count as unchanged: only everything is sure to hold them.
      base = undefined
      throw cause
    } finally {
      if (underWay?.save === save) underWay = undefined
    }
  }

  return {
    begin(snapshot, generation) {
      const isChange = base !== undefined && store.takesChanges(base)
      if (!isChange || parts === undefined) parts = startAnew(snapshot)
      const writer = store.saveChanges(generation, base)
      const save = createGradualSave({ snapshot, writer, parts, nowMs })
      const written = end(save, generation)
      const ended = written.then(
        () => undefined,
        () => undefined,
      )
      underWay = { save, ended }
      return written
    },
    work(atBatchEnd, between) {
      if (underWay === undefined) return
      const sinceMs = nowMs() - workedAtMs
      const ms = Math.min(workMsMax, Math.max(workMsMin, (sinceMs * share) / (1 - share)))
      underWay.save.work(ms, atBatchEnd, between)
      workedAtMs = nowMs()
    },
    async finish() {
      const { save, ended } = underWay ?? {}
      await save?.finish()
      await ended
    },
    get isUnderWay() {
      return underWay !== undefined
    },
    get slowsLearning() {
      return underWay?.save.slowsLearning === true
    },
    isBusy: (atBatchEnd) => underWay?.save.isBusy(atBatchEnd) === true,
    get hasBase() {
      return base !== undefined && store.takesChanges(base)
    },
    async forget() {
      const begun = underWay
      base = undefined
      underWay = undefined
      // What was handed over is a whole checkpoint, as good as any.
      if (begun?.save.isHandedOver === true) await begun.ended
      else await begun?.save.abandon()
    },
  }
}
