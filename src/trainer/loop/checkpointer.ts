// When a checkpoint is due and how it is written. In a deterministic run it is due every so many events, else every so
// many seconds.

import type { Config } from '../../config.ts'
import { Failure } from '../../errors.ts'
import type { TrainerReport } from '../../messages.ts'
import type { CheckpointStore } from '../../ports/checkpoint-store.ts'
import type { Core } from './core.ts'

export interface Checkpointer {
  isDue(core: Core): boolean
  /** Of the newest checkpoint. */
  readonly generation: number
  /** Writes a checkpoint and returns its generation; without a store it does nothing. @throws Failure */
  save(core: Core): Promise<number>
  /** As save(), but a failure that may pass is only reported: a full disk must not end the learning. */
  trySave(core: Core): Promise<void>
}

export interface CheckpointerOptions {
  readonly config: Pick<
    Config,
    'deterministic' | 'checkpointEveryEvents' | 'checkpointEverySeconds'
  >
  readonly store: CheckpointStore | undefined
  readonly nextGeneration: number
  /** Events that the learning side has seen so far. */
  readonly events: number
  readonly nowMs: () => number
  readonly report: (report: TrainerReport) => void
}

export function createCheckpointer(options: CheckpointerOptions): Checkpointer {
  const { config, store, nowMs, report } = options
  let generation = options.nextGeneration - 1
  let savedAtMs = nowMs()
  let savedAtEvents = options.events

  async function save(core: Core): Promise<number> {
    if (store === undefined) return generation
    const startedMs = nowMs()
    generation++
    savedAtMs = startedMs
    savedAtEvents = core.learner.counts.events
    const saved = await store.save(core.snapshot(generation))
    report({ kind: 'checkpoint', generation, bytes: saved.bytes, ms: nowMs() - startedMs })
    return generation
  }

  return {
    isDue(core) {
      if (!core.atBatchEnd) return false
      return config.deterministic
        ? core.learner.counts.events - savedAtEvents >= config.checkpointEveryEvents
        : nowMs() - savedAtMs >= config.checkpointEverySeconds * 1000
    },
    get generation() {
      return generation
    },
    save,
    async trySave(core) {
      try {
        await save(core)
      } catch (cause) {
        if (!(cause instanceof Failure) || cause.fate === 'stop') throw cause
        report({ kind: 'checkpointFailed', code: cause.code, message: cause.message })
      }
    },
  }
}
