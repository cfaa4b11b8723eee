// The learning side without threads, timers or I/O: batches in, turns of work, lists and answers out. A turn is a
// bounded number of events, so whoever drives this (in place, or in a thread) stays responsive.

import type { Config } from '../../config.ts'
import type { Explanation, RankedList, TrainerBatch, TrainerStats } from '../../messages.ts'
import type { Checkpoint } from '../../ports/checkpoint-store.ts'
import type { Engine } from '../../ports/engine.ts'
import { explain } from '../lists/explain.ts'
import { createLists, type Lists } from '../lists/lists.ts'
import { createLearner, type Learner } from '../model/learner.ts'
import { createProbed } from '../model/probed.ts'
import { createNormWatch } from '../model/row-norms.ts'
import { addAll, type Queued } from './batches.ts'
import { type Backlog, type Effort, effortBy, noBacklog } from './overload.ts'
import { withLearnedOf } from './roll-back.ts'
import { replaceStates } from './silent.ts'
import { type Books, restoreState, saveState } from './state.ts'
import { statsOf } from './stats.ts'

export interface Core {
  readonly learner: Learner
  readonly lists: Lists
  readonly books: Books
  /** Events taken and not yet worked on. */
  readonly queued: number
  /** Of the newest turn: less than full where more comes than can be worked on. */
  readonly effort: Effort
  /** No batch is half done: positions and state agree. */
  readonly atBatchEnd: boolean
  /** `nowMs`: monotonic, here as below. */
  take(batch: TrainerBatch, nowMs: number): void
  /** Users forgotten since the last call. */
  forgotten(): Int32Array
  /** Works on up to `eventsMax` events and returns how many it did. */
  turn(eventsMax: number, nowMs: number): number
  /** Lists that are due, best to call between turns. */
  rank(nowMs: number, isOver?: () => boolean): RankedList[]
  /** For each stream, the position before which no record has a list still to come. */
  settled(): Map<string, number>
  /** A few replays while nothing arrives. */
  idle(): void
  snapshot(generation: number): Checkpoint
  /** A core that remembers all that this one does and has learned what `old` had. Takes over its queue. */
  rolledBack(old: Checkpoint): Core
  /** `exact`: the forgetting probe is ranked now; else it may be as old as a twentieth of the stream. */
  stats(exact: boolean): TrainerStats
  explain(user: string, k: number, at?: number): Explanation | undefined
}

export interface CoreOptions {
  readonly config: Config
  readonly engine: Engine
  /** undefined: no list goes out before a batch says what is held. */
  readonly versionBase: number | undefined
  readonly resume?: Checkpoint | undefined
  /** Batches whose names are in `resume` already, and when they came. */
  readonly queue?: Queued[]
  /** Users forgotten and not yet told. */
  readonly forgotten?: number[]
}

export function createCore(options: CoreOptions): Core {
  const { config, engine, resume } = options
  let { versionBase } = options
  const learner = createLearner(config, engine)
  const lists = createLists(learner, {
    k: config.k,
    staleAfterEvents: config.listStaleEvents,
    pauseMs: config.deterministic ? 0 : config.listPauseMs,
    newestFirst: !config.deterministic,
    versionBase,
    trustsHashes: config.deterministic,
  })
  const books: Books = {
    users: [],
    items: [],
    positions: new Map(),
    dead: new Map(),
    skipped: new Map(),
    storeMark: undefined,
  }
  if (resume !== undefined) restoreState(resume, config, learner, lists, books)
  const userIds = new Map(books.users.map((name, user) => [name, user]))
  const queue = options.queue ?? []
  const forgotten = options.forgotten ?? []
  let at = 0
  let queued = queue.reduce((sum, { batch }) => sum + batch.users.length, 0)
  const largestNorm = createNormWatch(learner.learned)
  const probed = createProbed(learner)
  const effortFor = effortBy(config)
  let effort = effortFor(noBacklog)
  let historyBatches = queue.filter(({ batch }) => batch.history !== undefined).length

  /** History in the queue is no overload: it waits to be learned in full, and so does what stands behind it. */
  function backlog(nowMs: number): Backlog {
    if (historyBatches > 0) return noBacklog
    const fill = queued / config.queueEventsMax
    return { fill, eventMs: nowMs - (queue[0]?.atMs ?? nowMs), listMs: lists.lagMs }
  }

  function one({ batch, atMs }: Queued, k: number): void {
    const user = batch.users[k]!
    const time = batch.times[k]!
    if (batch.silent) {
      learner.absorb(user, batch.items[k]!, time, batch.actions[k]!)
      return
    }
    if (!config.training) {
      learner.counts.events++
      learner.absorb(user, batch.items[k]!, time, batch.actions[k]!)
      return
    }
    const applied = learner.apply(user, batch.items[k]!, time, batch.actions[k]!, effort.event)
    // What is new to the store comes after all that it was read with.
    if (applied !== 'nothing') learner.doubted.delete(user)
    // A repeat may come of a restart that took its list along.
    if (applied !== 'nothing' || (!config.deterministic && !lists.isListed(user))) {
      const position = { stream: batch.stream, offset: batch.offsets[k]! }
      lists.touch({ user, time, position, atMs, isHistory: batch.history !== undefined })
    }
    const events = learner.counts.events
    learner.forgetting.measure(events, learner.scorer)
  }

  function begin(batch: TrainerBatch): void {
    if (batch.held !== undefined) {
      versionBase = batch.held.versionBase
      lists.hold(batch.held)
      // What was read and not settled comes again, here or at others.
      books.positions.clear()
    }
    if (batch.history !== undefined) lists.catchesUp(batch.stream)
    if (!batch.silent) return
    replaceStates(learner, batch)
  }

  function finish(batch: TrainerBatch): void {
    learner.counts.events += batch.stored ?? 0
    for (const user of batch.forgotten) {
      if (batch.silent && !learner.positives.holdsAny(user)) continue
      learner.positives.forget(user)
      learner.forgetting.forget(user)
      forgotten.push(user)
      lists.forget(user)
    }
    if (!batch.silent) books.positions.set(batch.stream, batch.nextOffset)
    if (batch.history !== undefined) historyBatches--
    if (!batch.silent && (batch.history?.left ?? 0) === 0) lists.caughtUp(batch.stream)
    addAll(batch.dead, books.dead)
    addAll(batch.skipped, books.skipped)
    books.storeMark = batch.storeMark ?? books.storeMark
  }

  return {
    learner,
    lists,
    books,
    get queued() {
      return queued
    },
    get effort() {
      return effort
    },
    get atBatchEnd() {
      return at === 0
    },
    take(batch, atMs) {
      for (const name of batch.newUsers) userIds.set(name, books.users.push(name) - 1)
      for (const name of batch.newItems) books.items.push(name)
      queue.push({ batch, atMs })
      if (batch.history !== undefined) historyBatches++
      queued += batch.users.length
    },
    forgotten: () => Int32Array.from(forgotten.splice(0)),
    turn(eventsMax, nowMs) {
      let done = 0
      effort = effortFor(backlog(nowMs))
      while (queue.length > 0 && done < eventsMax) {
        const { batch } = queue[0]!
        if (at === 0) begin(batch)
        while (at < batch.users.length && done < eventsMax) {
          one(queue[0]!, at++)
          done++
          queued--
        }
        if (at < batch.users.length) break
        finish(batch)
        queue.shift()
        at = 0
      }
      return done
    },
    rank: lists.round,
    settled: () => lists.settled(books.positions),
    idle() {
      if (!config.training) return
      for (const learned of learner.learned) learned.replay(config.idleReplays)
    },
    snapshot: (generation) => saveState(generation, config, learner, lists, books),
    rolledBack(old) {
      const now = saveState(1, config, learner, lists, books)
      const resume = withLearnedOf(old, now, config, learner)
      return createCore({ config, engine, versionBase, resume, queue, forgotten })
    },
    stats: (exact) => ({
      ...statsOf(learner, lists, books, queued, probed(exact)),
      effort: effort.event,
      norm: largestNorm(),
    }),
    explain(user, k, at) {
      const id = userIds.get(user)
      // A name is known as soon as its batch is taken, the user once it is worked on.
      if (id === undefined || id >= learner.positives.users) return undefined
      return explain(learner, lists, books, id, k, at)
    },
  }
}
