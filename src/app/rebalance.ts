// What a worker of a group does when it is given streams that others may have worked on: it claims the store anew, so
// that its lists are newer than theirs, and reads the state of each of their users before it learns from one.

import type { Assignment, EventBatch } from '../ports/event-source.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { Ownership } from '../publish/ownership.ts'
import type { Ids } from '../remember/ids.ts'
import { snapshotBatch } from '../remember/snapshot-batch.ts'
import type { OwedKeeper } from './owed-lists.ts'
import type { Retrying } from './retry.ts'
import type { Exchange } from './updates/exchange.ts'
import type { UserReads } from './user-reads.ts'

export interface Claim {
  /** For the versions of lists: above all that any worker on this store was given before. */
  readonly versionBase: number
  /** Streams that nobody else has claimed since this worker did. */
  readonly kept: readonly string[]
}

export interface RebalanceParts {
  readonly trainer: Trainer
  readonly users: Ids
  readonly items: Ids
  readonly ownership: Pick<Ownership, 'claiming' | 'claimed' | 'onAssigned'>
  readonly retrying: Retrying
  readonly claimVersions: (streams: readonly string[]) => Promise<Claim>
  /** Absent where the trainer needs nothing of what the store holds. */
  readonly reads?: UserReads | undefined
  /** Absent: nobody keeps who is owed a list. */
  readonly owed?: Pick<OwedKeeper, 'assigned'> | undefined
  /** Absent: what is learned is not shared. */
  readonly exchange?: Pick<Exchange, 'claim'> | undefined
}

export interface Rebalance {
  /** Resolves with the cause once a claim has failed for good; else never. */
  readonly failed: Promise<unknown>
  /** To be called with every batch in the order they are read, before the work on it begins. */
  begin(batch: EventBatch): Promise<void>
  /**
   * Makes the trainer know these users of the stream as the store does; `ids` with repeats, -1 for none. Each user is
   * read once per assignment.
   */
  readUsers(stream: string, ids: Int32Array, onWait: () => void): Promise<void>
}

export function createRebalance(parts: RebalanceParts): Rebalance {
  const { trainer, users, items, ownership, retrying, reads } = parts
  /** Per stream the round of reads in which it was gained. */
  let gainedIn = new Map<string, number>()
  let assignments = 0
  /** An assignment that comes again, under a batch that was read before the next one, is over. */
  const seen = new WeakSet<Assignment>()
  let newest: Assignment | undefined
  let line: Promise<void> = Promise.resolve()
  let tellFailed: (cause: unknown) => void = () => undefined
  const failed = new Promise<unknown>((resolve) => {
    tellFailed = resolve
  })

  async function claim(assignment: Assignment, onWait?: () => void): Promise<void> {
    const { streams, alone = false } = assignment
    ownership.claiming()
    const claim = await retrying('claiming the store', () => parts.claimVersions(streams), onWait)
    const before = gainedIn
    const isFirst = assignments++ === 0
    const round = reads?.beginRound() ?? assignments
    const isKept = (name: string): boolean => before.has(name) && claim.kept.includes(name)
    const gained = streams.filter((name) => !isKept(name))
    gainedIn = new Map(
      streams.map((name) => [name, isKept(name) ? (before.get(name) ?? round) : round]),
    )
    const { versionBase } = claim
    ownership.claimed(assignment, versionBase)
    // At the first start the checkpoint stands for itself: what it knew of these streams is still to come.
    const told = {
      ...{ streams, gained: isFirst ? [] : gained, versionBase, alone },
      // Their records come again, and by then the users were read: some may have been forgotten meanwhile.
      ...(isFirst && reads !== undefined && { dropsDue: true as const }),
    }
    await trainer.offer({ ...snapshotBatch([], users, items), assignment: told }, onWait)
    await parts.exchange?.claim(streams, () => newest === assignment, onWait)
    parts.owed?.assigned(gainedIn)
  }

  function assigned(assignment: Assignment, onWait?: () => void): Promise<void> {
    if (!seen.has(assignment)) {
      seen.add(assignment)
      newest = assignment
      // Also while an earlier claim is under way.
      ownership.claiming()
      line = line.then(() => claim(assignment, onWait))
      line.catch(tellFailed)
    }
    return line
  }

  // At once, not with the first batch: a stream that nobody writes to is claimed, too.
  ownership.onAssigned((assignment) => void assigned(assignment))
  return {
    failed,
    async begin({ assignment, waiting }) {
      if (assignment !== undefined) await assigned(assignment, () => waiting?.())
    },
    async readUsers(stream, ids, onWait) {
      // Where no group gives streams, nobody else has ever worked on them: what was read once stays true.
      const gained = gainedIn.get(stream) ?? (assignments === 0 ? 1 : undefined)
      if (gained !== undefined) await reads?.read(ids, gained, onWait)
    },
  }
}
