// The learning side without threads, timers or I/O: batches in; lists, answers and checkpoints out. Its work comes in
// turns of a bounded number of events, so that whoever drives it (in place, or in a thread) stays responsive.

import type { OwedLists, RankedList, TrainerBatch, TrainerStats } from '../../messages.ts'
import type { Checkpoint } from '../../ports/checkpoint-store.ts'
import type { Pause } from '../../rank/preference.ts'
import type { Explanation, ItemsTold } from '../../requests.ts'
import {
  type LiveSnapshot,
  liveSnapshotOf,
  saveState,
  viewState,
} from '../checkpoint/save-state.ts'
import { unlearn } from '../evict/evict.ts'
import type { Group } from '../group/group.ts'
import { explain } from '../lists/explain.ts'
import type { Lists } from '../lists/lists.ts'
import { createServing } from '../lists/serve.ts'
import type { Learner } from '../model/learner.ts'
import { takeItems } from '../withdraw/feed.ts'
import type { InputState } from './input-state.ts'
import { type Effort, effortBy, type Load, noLoad } from './pacing.ts'
import { type CoreOptions, openParts } from './parts.ts'
import { idsOfOthers, withLearnedOf } from './roll-back.ts'
import { createStats } from './stats.ts'
import { createBatchApplier, createWorkQueue, type Forgotten } from './work-queue.ts'

export interface Core {
  readonly learner: Learner
  readonly lists: Lists
  readonly input: InputState
  /** undefined: nothing is shared. */
  readonly group: Group | undefined
  /** Events taken and not yet worked on. */
  readonly queued: number
  /** Events, or what was read from the store, wait. */
  readonly hasWork: boolean
  /** Of the newest turn: less than full where events come faster than they can be worked on. */
  readonly effort: Effort
  /** No batch is half done: positions and state agree. */
  readonly atBatchEnd: boolean
  /** What the item feed says; it holds at once. Returns on how many items it could not be kept. */
  takeItems(told: ItemsTold): number
  /** `nowMs`: monotonic, here as below. */
  take(batch: TrainerBatch, nowMs: number): void
  /** These items have the next dense ids. */
  nameItems(names: readonly string[]): void
  /** The users that were forgotten since the last call. */
  takeForgotten(): Forgotten[]
  /** Works on up to `eventsMax` events and returns how many it did. `between` is called after each; it may ask. */
  turn(eventsMax: number, nowMs: number, between?: () => void): number
  /** Lists that are due, best to call between turns. */
  rank(nowMs: number, isOver?: () => boolean, pause?: Pause): RankedList[]
  /** Lists that no event asks for, while nothing waits. */
  rankUnasked(isOver: () => boolean, pause?: Pause): RankedList[]
  /** For each stream the position before which every record has its list, or is among what was owed. */
  safeToCommit(): Map<string, number>
  /** Who is owed a list for what was history, and no longer is, since the last call. */
  takeOwed(): OwedLists[]
  /** Replays earlier events while no new ones arrive. */
  replay(): void
  snapshot(generation: number): Checkpoint
  /** The same without a copy: valid until anything is done. */
  view(generation: number): Checkpoint
  /** What snapshot() gives, to be read a piece at a time while the core works. */
  readonly live: LiveSnapshot
  /** A core that remembers all that this one does and has learned what `old` had. It takes over the queue. */
  rolledBack(old: Checkpoint): Core
  /** `exact`: the forgetting probe is ranked now; else its result may be older (see createStats). */
  stats(exact: boolean, between?: () => void): TrainerStats
  explain(user: string, k: number, at?: number): Explanation | undefined
  /** A list for somebody who asks for it: see requests.ts. */
  serve: ReturnType<typeof createServing>
}

export function createCore(options: CoreOptions): Core {
  const { config, engine, queue = [], forgotten = [], keepsOwed = false, wallMs } = options
  const parts = openParts(options)
  const { learner, lists, input, feed, group, bound } = parts
  const applier = createBatchApplier(config, { ...parts, forgotten })
  const stats = createStats(parts)
  const effortFor = effortBy(config)
  let effort = effortFor(noLoad)
  const waiting = createWorkQueue(queue, applier)

  /** A name is known as soon as its batch is taken, the user only once that is worked on. */
  function userOf(name: string): number | undefined {
    const id = input.users.find(name)
    return id === undefined || id >= learner.positives.users ? undefined : id
  }

  /** History in the queue is no overload: it waits to be learned in full, and so does what comes after it. */
  function load(nowMs: number): Load {
    if (waiting.hasHistory) return noLoad
    const eventMs = nowMs - (waiting.oldestMs ?? nowMs)
    return { fill: waiting.events / config.queueEventsMax, eventMs, listMs: lists.lagMs }
  }

  return {
    ...{ learner, lists, input, group },
    get queued() {
      return waiting.events
    },
    get hasWork() {
      return waiting.events + waiting.snapshots > 0
    },
    get effort() {
      return effort
    },
    get atBatchEnd() {
      return waiting.atBatchEnd
    },
    take(batch, atMs) {
      for (const name of batch.newUsers) input.users.push(name)
      nameItems(parts, batch.newItems)
      waiting.add(batch, atMs)
    },
    nameItems: (names) => nameItems(parts, names),
    takeItems: (told) => takeItems(feed, told),
    takeForgotten: () => forgotten.splice(0),
    turn(eventsMax, nowMs, between) {
      effort = effortFor(load(nowMs))
      return waiting.work(eventsMax, effort.event, between)
    },
    rank: lists.rankRound,
    rankUnasked: lists.rankUnasked,
    takeOwed: lists.takeOwed,
    safeToCommit: () => bound(lists.safeToCommit(input.positions)),
    replay() {
      if (!config.training) return
      for (const network of learner.networks) network.replay(config.idleReplays)
    },
    snapshot: (generation) => saveState(generation, config, parts),
    view: (generation) => viewState(generation, config, parts),
    live: liveSnapshotOf(config, parts),
    rolledBack(old) {
      const now = saveState(1, config, parts)
      const resume = withLearnedOf(old, now, config, learner)
      const { versionBase } = lists
      const taken = { versionBase, resume, queue, forgotten, unread: input.unread, keepsOwed }
      const clock = { wallMs, availability: feed?.availability }
      const core = createCore({ config, engine, ...taken, ...clock })
      Object.assign(core.input.evictions, input.evictions)
      unlearn(core.learner, idsOfOthers(old, now))
      for (const [user, position] of lists.keptOwed()) core.lists.owe(user, position)
      return core
    },
    stats: (exact, look) => stats(exact, { queued: waiting.events, effort: effort.event }, look),
    explain(user, k, time) {
      const id = userOf(user)
      return id === undefined ? undefined : explain(learner, lists, input, id, k, time)
    },
    serve: createServing({ learner, lists, items: input.items, userOf, feed }),
  }
}

function nameItems({ input, feed }: ReturnType<typeof openParts>, names: readonly string[]): void {
  for (const name of names) {
    const id = input.items.push(name)
    feed?.availability.named(id, name)
  }
}
