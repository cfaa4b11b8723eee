// What the store holds is read beside the work, a few users at a time and only when little else waits: without a
// checkpoint all users, so that the model knows of everybody; with one the users that it knows and nobody has met since
// the start, so that those who were forgotten meanwhile leave the model, too.

import type { TrainerBatch } from '../messages.ts'
import type { PositiveStore } from '../ports/positive-store.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { Ids } from '../remember/ids.ts'
import { snapshotBatch } from '../remember/snapshot-batch.ts'
import type { Retrying } from './retry.ts'
import type { UserReads } from './user-reads.ts'

export interface BesideParts {
  readonly store: Pick<PositiveStore, 'names'>
  readonly trainer: Pick<Trainer, 'offer' | 'waiting'>
  readonly users: Ids
  readonly items: Ids
  readonly reads: UserReads
  readonly retrying: Retrying
  /** Users 0 … known-1 are from the checkpoint. */
  readonly known: number
  /** All names of the store are asked for: there is no checkpoint. */
  readonly scans: boolean
  /** Told how many users of the store there was no room for. */
  readonly onLeftOut: (users: number) => void
  /** Rejects when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Users of one read; a worker that stops waits for no more. */
const usersPerRead = 100
const pauseMs = 5
/** While events wait, something is read only after more than this many pauses. */
const busyPausesMax = 5

/** Resolves to false where it was aborted before all was read. @throws Failure of the store or the trainer */
export async function readBeside(parts: BesideParts, signal: AbortSignal): Promise<boolean> {
  const { users, reads, trainer } = parts

  async function leisure(): Promise<void> {
    for (let pauses = 0; ; pauses++) {
      await parts.pause(pauseMs, signal)
      const { events, snapshots } = trainer.waiting()
      if (snapshots === 0 && (events === 0 || pauses >= busyPausesMax)) return
    }
  }

  async function readAll(ids: readonly number[]): Promise<void> {
    for (let at = 0; at < ids.length; at += usersPerRead) {
      await leisure()
      await reads.read(ids.slice(at, at + usersPerRead), 1)
    }
  }

  async function checkKnown(): Promise<void> {
    for (let first = 0; first < parts.known; first += usersPerRead) {
      const length = Math.min(usersPerRead, parts.known - first)
      await readAll(Array.from({ length }, (_, k) => first + k))
    }
  }

  async function scan(): Promise<void> {
    await parts.retrying('reading the store', async () => {
      let leftOut = 0
      for await (const names of parts.store.names()) {
        // Beyond the bounds they make nobody lose their place: they are read when an event meets them.
        const ids = names.map((name) => users.stored(name)).filter((user) => user >= 0)
        leftOut += names.length - ids.length
        await readAll(ids)
      }
      if (leftOut > 0) parts.onLeftOut(leftOut)
    })
    await trainer.offer(snapshotsEnd(users, parts.items))
  }

  try {
    await begunOr(reads.begun, signal)
    if (signal.aborted) return false
    if (parts.scans) await scan()
    await checkKnown()
    return true
  } catch (cause) {
    if (signal.aborted) return false
    throw cause
  }
}

/** Says that the trainer was told of all that the store holds. */
function snapshotsEnd(users: Ids, items: Ids): TrainerBatch {
  return { ...snapshotBatch([], users, items), snapshotsEnd: true }
}

function begunOr(begun: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
    void begun.then(done)
  })
}
