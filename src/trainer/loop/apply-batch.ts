// What a batch does to the learning side: first what holds for all of its events, then each event, then what closes it.
// A batch may be worked on over several turns; positions and state agree only after its end.

import type { Config } from '../../config.ts'
import { addAction, type TrainerBatch } from '../../messages.ts'
import { createIdChanges } from '../evict/id-changes.ts'
import type { Lists } from '../lists/lists.ts'
import type { Learner } from '../model/learner.ts'
import { addCounts, type InputState } from './input-state.ts'

/** A batch that has been waiting for its turn since `atMs`, monotonic. */
export interface QueuedBatch {
  readonly batch: TrainerBatch
  readonly atMs: number
}

export interface BatchApplier {
  startBatch(batch: TrainerBatch): void
  /** Applies event `k` of the batch with `effort` in [0, 1] of the full work. */
  applyEvent(queued: QueuedBatch, k: number, effort: number): void
  endBatch(batch: TrainerBatch): void
}

/** The user who had the id after so many evictions. */
export interface Forgotten {
  readonly user: number
  readonly evictions: number
}

export interface AppliedTo {
  readonly learner: Learner
  readonly lists: Lists
  readonly input: InputState
  /** Grows by the users that a batch forgets. */
  readonly forgotten: Forgotten[]
}

export function createBatchApplier(
  config: Pick<Config, 'training' | 'deterministic'>,
  { learner, lists, input, forgotten }: AppliedTo,
): BatchApplier {
  function noteUse(user: number, item: number): void {
    const event = learner.counts.events + 1
    input.lastUses.users.use(user, event)
    input.lastUses.items.use(item, event)
  }

  const idChanges = createIdChanges(learner, lists, input)
  return {
    startBatch(batch) {
      idChanges.start()
      idChanges.upTo(batch, 0)
      if (batch.assignment !== undefined) {
        lists.assign(batch.assignment)
        // Records that were read but not committed come again, to this worker or to another one.
        input.positions.clear()
        input.marks.clear()
      }
      if (batch.history !== undefined) lists.catchesUp(batch.stream)
      if (!batch.snapshot) return
      replaceUsers(learner, batch)
      for (const user of batch.users) input.unread.delete(user)
    },
    applyEvent({ batch, atMs }, k, effort) {
      idChanges.upTo(batch, k)
      const [user, item] = [batch.users[k]!, batch.items[k]!]
      const [time, action] = [batch.times[k]!, batch.actions[k]!]
      if (!batch.snapshot) noteUse(user, item)
      if (batch.snapshot || !config.training) {
        if (!batch.snapshot) learner.counts.events++
        learner.remember(user, item, time, action)
        return
      }
      const change = learner.apply(user, item, time, action, effort)
      // An event that is new to the store is newer than everything that the store was read with.
      if (change !== 'nothing') learner.usersWithUncertainRemovals.delete(user)
      // A repeated event still brings a list where none was published since the start: a crash may have lost it.
      if (change !== 'nothing' || (!config.deterministic && !lists.isPublished(user))) {
        const position = { stream: batch.stream, offset: batch.offsets[k]! }
        lists.markDue({ user, time, position, atMs, isHistory: batch.history !== undefined })
      }
      learner.forgetting.measure(learner.counts.events, learner.score)
    },
    endBatch(batch) {
      idChanges.upTo(batch, batch.users.length)
      learner.counts.events += batch.stored ?? 0
      for (const user of batch.forgotten) {
        if (batch.snapshot) input.unread.delete(user)
        if (batch.snapshot && !learner.positives.holdsAny(user)) continue
        learner.positives.forget(user)
        learner.forgetting.forget(user)
        forgotten.push({ user, evictions: input.evictions.users })
        lists.forget(user)
      }
      if (!batch.snapshot) {
        input.positions.set(batch.stream, batch.nextOffset)
        if (batch.streamMark !== undefined) input.marks.set(batch.stream, batch.streamMark)
        if ((batch.history?.left ?? 0) === 0) lists.caughtUp(batch.stream)
      }
      addCounts(batch.dead, input.dead)
      addCounts(batch.skipped, input.skipped)
      input.storeMark = batch.storeMark ?? input.storeMark
      if (batch.snapshotsEnd === true) input.unread.isStoreUnread = false
    },
  }
}

/**
 * The users of a batch that was read from the store have exactly the items it says. Removals in it may be newer than
 * the input that was worked on: these users may still have the items.
 */
function replaceUsers(learner: Learner, { users, items, actions }: TrainerBatch): void {
  const itemsOf = new Map<number, Set<number>>()
  users.forEach((user, k) => {
    const own = itemsOf.get(user) ?? new Set()
    if (actions[k] === addAction) own.add(items[k]!)
    else learner.usersWithUncertainRemovals.add(user)
    itemsOf.set(user, own)
  })
  for (const [user, items] of itemsOf) learner.positives.keepOnly(user, items)
}
