// Reads from the store who is owed a list, beside the work, and gives them to the trainer: see owed-lists.ts.

import type { OwedUsers } from '../ports/positive-store.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { Ids } from '../remember/ids.ts'
import { snapshotBatch } from '../remember/snapshot-batch.ts'
import type { Retrying } from './retry.ts'
import type { UserReads } from './user-reads.ts'

export interface OwedKeeperParts {
  readonly owed: OwedUsers
  readonly trainer: Pick<Trainer, 'offer' | 'waiting'>
  readonly users: Ids
  readonly items: Ids
  readonly reads: Pick<UserReads, 'read'> | undefined
  readonly retrying: Retrying
  /** Whether a list that follows from the stream may go out now; undefined: not to be known at the moment. */
  readonly owns: (stream: string) => boolean | undefined
  /** Resolves when owns() may say something else. */
  readonly ownershipChanged: () => Promise<void>
  /** Rejects when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly signal: AbortSignal
}

export interface OwedStream {
  /** By user the newest record that the store has of them. */
  readonly kept: Map<string, number>
  /** Users above this offset were given to the trainer; -Infinity: all were. */
  given: number
  /** Of user reads: from when on what is known of users is true. */
  round: number
}

const usersPerPage = 200
const pauseMs = 5

/** Gives those who are owed a list to the trainer, the most recently active of each stream first. */
export function createOwedLoader(
  parts: OwedKeeperParts,
  streams: () => ReadonlyMap<string, OwedStream>,
  onFailed: (cause: unknown) => void,
) {
  const { owed, trainer, users, items, reads, retrying } = parts
  let loading: Promise<void> = Promise.resolve()
  let isLoading = false

  async function page(name: string, stream: OwedStream): Promise<void> {
    const isMine = (): boolean => streams().get(name) === stream
    const found = await retrying('reading who is owed a list', () =>
      owed.page(name, stream.given, usersPerPage),
    )
    const ids = found.map(([user]) => users.stored(user))
    await reads?.read(ids, stream.round)
    if (!isMine()) return
    for (const [user, offset] of found) {
      stream.kept.set(user, Math.max(offset, stream.kept.get(user) ?? offset))
    }
    const some = found.flatMap(([, offset], k) => (ids[k]! < 0 ? [] : [[ids[k]!, offset] as const]))
    if (some.length > 0) {
      await trainer.offer({ ...snapshotBatch([], users, items), stream: name, owed: some })
    }
    stream.given = found.length < usersPerPage ? Number.NEGATIVE_INFINITY : found.at(-1)![1]
  }

  const next = () => [...streams()].find(([, { given }]) => given > Number.NEGATIVE_INFINITY)

  async function load(): Promise<void> {
    for (let one = next(); one !== undefined && !parts.signal.aborted; one = next()) {
      await page(...one)
      if (trainer.waiting().snapshots > 0) await parts.pause(pauseMs, parts.signal)
    }
  }

  function start(): void {
    if (isLoading) return
    isLoading = true
    loading = load()
      .catch((cause) => {
        if (!parts.signal.aborted) onFailed(cause)
      })
      .finally(() => {
        isLoading = false
      })
  }

  return { start, loading: () => loading }
}
