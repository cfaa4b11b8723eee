// What a start reads of the positive store, and when. With a checkpoint nothing is read before the work: a user is read
// when an event meets them, and those whom only the checkpoint knows are compared with the store when there is time.
// Without one all users are read beside the work. A deterministic run is a function of its input, so without a
// checkpoint it reads the store first; with one it reads users only where others may have worked on them.

import type { Logger } from '../ports/logger.ts'
import type { PositiveStore } from '../ports/positive-store.ts'
import type { StoreReading, Trainer } from '../ports/trainer.ts'
import type { Ids } from '../remember/ids.ts'
import { readBeside } from './read-beside.ts'
import type { Retrying } from './retry.ts'
import { createUserReads, type UserReads } from './user-reads.ts'

/** What goes on beside the work until the signal ends it. */
export interface Beside {
  run(signal: AbortSignal): Promise<unknown>
  /** A source that has ended waits for it. */
  readonly isAwaited: boolean
}

export interface ReadingPlan extends StoreReading {
  /** Users whom events meet are read. */
  readonly readsMet: boolean
  /** The scan ends before the work begins. */
  readonly isFirst: boolean
}

export interface ReadingFacts {
  readonly deterministic: boolean
  /** Others may read the same input. */
  readonly shared: boolean
  /** The trainer needs to know what the store holds, and the store outlives the process. */
  readonly readsStore: boolean
  /** The start goes on from a checkpoint. */
  readonly resumes: boolean
}

export function planReading(facts: ReadingFacts): ReadingPlan {
  const { deterministic, shared, readsStore, resumes } = facts
  return {
    scans: readsStore && !resumes,
    checks: readsStore && resumes && !deterministic,
    readsMet: readsStore && (!deterministic || shared || !resumes),
    isFirst: deterministic,
  }
}

export interface ReadingParts {
  readonly store: PositiveStore
  readonly trainer: Trainer
  readonly ids: { readonly users: Ids; readonly items: Ids }
  readonly retrying: Retrying
  /** Rejects when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly logger: Logger
  /** Users 0 … known-1 are from the checkpoint. */
  readonly known: number
  readonly shared: boolean
}

export interface OpenedReading {
  /** undefined: the trainer needs nothing of what the store holds. */
  readonly reads: UserReads | undefined
  readonly beside: Beside | undefined
  /** What is to be read before the work begins; false where it was aborted. @throws Failure */
  first(signal: AbortSignal): Promise<boolean>
}

export function openReading(plan: ReadingPlan, parts: ReadingParts): OpenedReading {
  const { store, trainer, ids, retrying, pause, logger, known } = parts
  const { scans, checks, isFirst } = plan
  if (!plan.readsMet && !scans) {
    return { reads: undefined, beside: undefined, first: async () => true }
  }
  const reads = createUserReads({ store, trainer, retrying, ...ids })
  // A group begins it with the first streams that it gives.
  if (!parts.shared || isFirst) reads.beginRound()

  function onLeftOut(users: number): void {
    logger.warn(
      `the store has ${users} users more than --users-max: they are read at their next event`,
    )
  }

  async function run(signal: AbortSignal): Promise<boolean> {
    if (scans) logger.info('reading all users of the store in the background')
    const besideParts = { store, trainer, reads, retrying, ...ids, pause, onLeftOut }
    const isWhole = await readBeside({ ...besideParts, known: checks ? known : 0, scans }, signal)
    if (isWhole && scans) logger.info('the store is read', { users: ids.users.size })
    if (!isWhole && scans) {
      logger.info('stopped before the store was read: no checkpoint was written')
    }
    return isWhole
  }

  const isBeside = !isFirst && (scans || checks)
  return {
    reads,
    beside: isBeside ? { run, isAwaited: scans } : undefined,
    first: async (signal) => (isFirst && scans ? run(signal) : true),
  }
}
