// The batches that wait for the learning side, worked on event by event in the order in which they came, and what each
// does to it. A batch may be worked on over several turns; positions and state agree only after its end.

import type { Config } from '../../config.ts'
import { addAction, type TrainerBatch } from '../../messages.ts'
import { fullAdd } from '../../strength.ts'
import { createIdChanges } from '../evict/evict.ts'
import { applyAsMember } from '../group/apply.ts'
import type { Group } from '../group/group.ts'
import type { Lists } from '../lists/lists.ts'
import type { ListableItems } from '../lists/recommender.ts'
import type { Learner } from '../model/learner.ts'
import type { InputState } from './input-state.ts'

export interface WorkQueue {
  /** Events that wait. */
  readonly events: number
  /** Entries of snapshots that wait: no events, and no sign of overload. */
  readonly snapshots: number
  /** Whether events of a history wait. */
  readonly hasHistory: boolean
  /** No batch is half done. */
  readonly atBatchEnd: boolean
  /** Monotonic ms when the first waiting batch of events came; undefined where none waits. */
  readonly oldestMs: number | undefined
  add(batch: TrainerBatch, atMs: number): void
  /** Applies up to `eventsMax` events with that effort and returns how many it did. `between` is called after each. */
  work(eventsMax: number, effort: number, between?: () => void): number
}

/** `queue`: the batches that wait already; it is worked on in place. */
export function createWorkQueue(queue: QueuedBatch[], applier: BatchApplier): WorkQueue {
  const waiting = { events: 0, snapshots: 0 }
  const kindOf = ({ snapshot }: TrainerBatch) => (snapshot ? 'snapshots' : 'events')
  for (const { batch } of queue) waiting[kindOf(batch)] += batch.users.length
  let historyBatches = queue.filter(({ batch }) => batch.history !== undefined).length
  /** Events of the first batch that are done. */
  let at = 0

  return {
    get events() {
      return waiting.events
    },
    get snapshots() {
      return waiting.snapshots
    },
    get hasHistory() {
      return historyBatches > 0
    },
    get atBatchEnd() {
      return at === 0
    },
    get oldestMs() {
      return queue.find(({ batch }) => !batch.snapshot)?.atMs
    },
    add(batch, atMs) {
      queue.push({ batch, atMs })
      if (batch.history !== undefined) historyBatches++
      waiting[kindOf(batch)] += batch.users.length
    },
    work(eventsMax, effort, between) {
      let done = 0
      for (let next = queue[0]; next !== undefined && done < eventsMax; next = queue[0]) {
        const { batch } = next
        const kind = kindOf(batch)
        if (at === 0) applier.startBatch(batch)
        for (; at < batch.users.length && done < eventsMax; done++, waiting[kind]--) {
          applier.applyEvent(next, at++, effort, between)
          between?.()
        }
        if (at < batch.users.length) break
        applier.endBatch(batch)
        if (batch.history !== undefined) historyBatches--
        queue.shift()
        at = 0
      }
      return done
    },
  }
}

/** A batch that has been waiting for its turn since `atMs`, monotonic. */
export interface QueuedBatch {
  readonly batch: TrainerBatch
  readonly atMs: number
}

export interface BatchApplier {
  startBatch(batch: TrainerBatch): void
  /** Applies event `k` of the batch with `effort` in [0, 1] of the full work. */
  applyEvent(queued: QueuedBatch, k: number, effort: number, between?: () => void): void
  endBatch(batch: TrainerBatch): void
}

/** A user who was forgotten: the one who had the id after this many evictions of users. */
export interface Forgotten {
  readonly user: number
  readonly evictions: number
}

export interface AppliedTo {
  readonly learner: Learner
  readonly lists: Lists
  readonly input: InputState
  readonly feed?: ListableItems | undefined
  readonly group?: Group | undefined
  /** Grows by the users that a batch forgets. */
  readonly forgotten: Forgotten[]
}

export function createBatchApplier(
  config: Pick<Config, 'training' | 'deterministic'>,
  { learner, lists, input, feed, group, forgotten }: AppliedTo,
): BatchApplier {
  function noteUse(user: number, item: number): void {
    const event = learner.counts.events + 1
    input.lastUses.users.use(user, event)
    input.lastUses.items.use(item, event)
  }

  // In a group the log says what is still to be learned, and counts it.
  const owesStored = config.training && !config.deterministic && group === undefined
  const idChanges = createIdChanges(learner, lists, input, feed?.availability.named)
  /** Most batches do not. */
  let changesIds = false
  return {
    startBatch(batch) {
      group?.meet()
      changesIds = batch.changedUsers !== undefined || batch.changedItems !== undefined
      if (changesIds) idChanges.start(batch)
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
    applyEvent({ batch, atMs }, k, effort, between) {
      if (changesIds) idChanges.upTo(batch, k)
      const [user, item] = [batch.users[k]!, batch.items[k]!]
      const [time, action] = [batch.times[k]!, batch.actions[k]!]
      const code = batch.strengths?.[k] ?? fullAdd
      input.leaving.pass(learner, item >= learner.positives.items)
      if (!batch.snapshot) noteUse(user, item)
      if (batch.snapshot || !config.training) {
        if (!batch.snapshot) learner.counts.events++
        const weight = learner.remember(user, item, time, action, group === undefined, code)
        // What was stored after the checkpoint, or learned by another worker, is still to be learned here.
        if (weight > 0 && batch.snapshot && owesStored) {
          learner.shedding.debt.owe({ user, item, draws: true, replays: 1, weight })
        }
        return
      }
      const change =
        group === undefined
          ? learner.apply(user, item, time, action, effort, code)
          : applyAsMember(group, learner, batch, k, effort)
      // An event that is new to the store is newer than everything that the store was read with.
      if (change !== 'nothing') learner.usersWithUncertainRemovals.delete(user)
      // A repeated event still brings a list where a crash may have lost it.
      if (change !== 'nothing' || lists.mayLack(user)) {
        const position = { stream: batch.stream, offset: batch.offsets[k]! }
        lists.markDue({ user, time, position, atMs, isHistory: batch.history !== undefined })
      }
      learner.forgetting.measure(learner.counts.events, learner.score, between, effort < 1)
    },
    endBatch(batch) {
      if (changesIds) idChanges.upTo(batch, batch.users.length)
      learner.counts.events += batch.stored ?? 0
      for (const user of batch.forgotten) {
        if (batch.snapshot) input.unread.delete(user)
        if (batch.snapshot && !learner.positives.holdsAny(user)) continue
        learner.positives.forget(user)
        learner.forgetting.forget(user)
        learner.preference.forgetUsers?.(Int32Array.of(user))
        forgotten.push({ user, evictions: input.evictions.users })
        lists.forget(user)
      }
      if (!batch.snapshot) {
        input.positions.set(batch.stream, batch.nextOffset)
        group?.done(batch.stream, batch.nextOffset)
        if (batch.streamMark !== undefined) input.marks.set(batch.stream, batch.streamMark)
        if ((batch.history?.left ?? 0) === 0) lists.caughtUp(batch.stream)
      }
      addCounts(batch.dead, input.dead)
      addCounts(batch.skipped, input.skipped)
      input.storeMark = batch.storeMark ?? input.storeMark
      for (const [user, offset] of batch.owed ?? []) {
        lists.owe(user, { stream: batch.stream, offset })
      }
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

function addCounts(from: Readonly<Record<string, number>>, into: Map<string, number>): void {
  for (const [reason, count] of Object.entries(from)) {
    into.set(reason, (into.get(reason) ?? 0) + count)
  }
}
