// Which users get a fresh list, and when. Users with new events come first; then, a few in each turn, users whose list
// is older than the model by a set number of events. A list goes out only when it has changed.

import type { AssignedStreams, RankedList } from '../../messages.ts'
import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { LiveState } from '../../ports/live-state.ts'
import type { Positions } from '../../types.ts'
import type { Learner } from '../model/learner.ts'
import type { Reflected } from './due.ts'
import type { DueUsers, ListedEvent } from './due-users.ts'
import {
  assign,
  createListState,
  type ListOptions,
  type ListState,
  liveListState,
  restoreListState,
  saveListState,
} from './list-state.ts'
import { createRecommender } from './recommender.ts'

/** Of a list that follows from no event of the input. */
const nowhere = { stream: '', offset: -1 }

/** Users who are looked at in one round for a stale list. */
const stalePerRound = 2

export interface Lists extends Pick<DueUsers, 'catchesUp' | 'caughtUp'> {
  /** The user has a new event. */
  markDue(event: ListedEvent): void
  /**
   * Ranks users who are due at `nowMs`, at Infinity all waiting ones are, until the round is over, but at least one.
   * The time that is left goes to users whose list is stale.
   */
  rankRound(nowMs: number, isOver?: () => boolean): RankedList[]
  /** While nothing waits: lists of users who were known at the start and never got one, until the round is over. */
  rankUnlisted(isOver: () => boolean): RankedList[]
  /** Users 0 … users-1 are known from before. */
  knows(users: number): void
  /** The list as it would be, whether changed or not; `at` in ms of event time, else at the user's newest event. */
  rank(user: number, k: number, at?: number): RankedList
  /** Whether the newest event of the user is one that this trainer has seen, in a stream that is its own. */
  isCurrent(user: number): boolean
  /** Lists of these users go out again, changed or not. */
  republish(users: Int32Array): void
  forget(user: number): void
  /** Whether a list of the user is known to have gone out, in spite of restarts. */
  isPublished(user: number): boolean
  /** From now on only users of these streams get lists, with versions above the base; known lists may go out again. */
  assign(assignment: AssignedStreams): void
  /** The positions, each moved back before the first record whose list is still to come. */
  safeToCommit(positions: Positions): Map<string, number>
  /** For how long the oldest due user had waited when rankRound() last looked, in ms; 0: none was left. */
  readonly lagMs: number
  /** Users who wait for a list. */
  readonly waiting: number
  /** For how many more ms no list is due: 0 where one is now, Infinity where nobody waits. */
  pauseLeft(nowMs: number): number
  readonly ranked: number
  readonly unchanged: number
  /** Lists that were ranked more than a quarter of a second after they were due. */
  readonly late: number
  readonly version: number
  readonly versionBase: number | undefined
  /** Positions are saved as indices into `streams`, which grows by the names it lacks. */
  save(streams: string[]): Map<string, Tensor>
  /** What save() gives, to be read while lists are made. */
  state(streams: string[]): LiveState
  restore(tensors: ReadonlyMap<string, Tensor>, streams: readonly string[]): void
}

export function createLists(learner: Learner, options: ListOptions): Lists {
  const hasPositives = (user: number) => learner.positives.count(user) > 0
  const state = createListState({ ...options, hasPositives })
  const { dueUsers, reflected, sent } = state
  const ranking = createListRanking(learner, options, state)
  return {
    ...ranking,
    markDue(event) {
      state.streamTime = Math.max(state.streamTime, event.time)
      dueUsers.mark(event, reflected.get(event.user))
    },
    knows: state.unlistedUsers.begin,
    catchesUp: dueUsers.catchesUp,
    caughtUp: dueUsers.caughtUp,
    isCurrent: (user) => dueUsers.get(user) !== undefined || reflected.has(user),
    isPublished: (user) => sent.hash(user) !== 0,
    assign: (assignment) => assign(state, assignment),
    safeToCommit: dueUsers.safeToCommit,
    republish(users) {
      for (const user of users) {
        const last = reflected.get(user)
        if (last === undefined) continue
        sent.forget(user)
        if (dueUsers.get(user) !== undefined) continue
        dueUsers.put(user, { ...last, since: last.position, sinceMs: Number.POSITIVE_INFINITY })
      }
    },
    forget(user) {
      dueUsers.delete(user)
      reflected.delete(user)
      sent.forget(user)
    },
    get waiting() {
      return state.versionBase === undefined ? 0 : dueUsers.size
    },
    pauseLeft: (nowMs) =>
      state.versionBase === undefined ? Number.POSITIVE_INFINITY : dueUsers.pauseLeft(nowMs),
    get lagMs() {
      return dueUsers.lagMs
    },
    get ranked() {
      return state.ranked
    },
    get unchanged() {
      return state.unchanged
    },
    get late() {
      return dueUsers.late
    },
    get version() {
      return ranking.version()
    },
    get versionBase() {
      return state.versionBase
    },
    save: (streams) => saveListState(state, streams),
    state: (streams) => liveListState(state, streams),
    restore: (tensors, streams) => restoreListState(state, tensors, streams, options.trustsHashes),
  }
}

function createListRanking(learner: Learner, options: ListOptions, state: ListState) {
  const { k, itemBegunAt = () => 0 } = options
  const recommender = createRecommender(learner)
  const { dueUsers, reflected, sent, staleUsers, unlistedUsers } = state
  const version = (): number => (state.versionBase ?? 0) + learner.counts.events

  function rank(user: number, k: number, at?: number): RankedList {
    const newest = dueUsers.get(user) ?? reflected.get(user)
    return {
      user,
      ...recommender.toUser(user, k, at ?? newest?.time ?? 0),
      modelVersion: version(),
      newestEvent: newest?.time ?? 0,
      position: newest?.position ?? nowhere,
    }
  }

  /** Ranks for publishing: undefined when the list says the same as the last one. */
  function refresh(user: number, about: Reflected, at: number): RankedList | undefined {
    reflected.set(user, about)
    const list = rank(user, k, at)
    state.ranked++
    const hash = hashOf(list, itemBegunAt)
    const isUnchanged = hash === sent.hash(user)
    sent.ranked(user, hash, learner.counts.events)
    if (!isUnchanged) return list
    state.unchanged++
    return undefined
  }

  function rankDue(nowMs: number, isOver: () => boolean): RankedList[] {
    const lists: RankedList[] = []
    for (const [user, due] of dueUsers.take(nowMs, isOver)) {
      if (Number.isFinite(nowMs)) sent.sent(user, nowMs)
      const list = refresh(user, due, due.time)
      if (list !== undefined) lists.push(list)
    }
    return lists
  }

  function rankStale(max: number): RankedList[] {
    const users = staleUsers.next(max, learner.positives.users, learner.counts.events)
    return users.flatMap((user) => {
      const list = refresh(user, reflected.get(user)!, state.streamTime)
      return list === undefined ? [] : { ...list, restated: true as const }
    })
  }

  function* unlisted(isOver: () => boolean): Generator<RankedList> {
    if (state.versionBase === undefined || !state.isAlone) return
    const { runs } = learner.positives
    while (!isOver()) {
      const user = unlistedUsers.next()
      if (user === undefined) return
      const time = runs.times[runs.start[user]! + runs.length[user]! - 1]!
      const list = refresh(user, { time, position: nowhere }, Math.max(time, state.streamTime))
      if (list !== undefined) yield { ...list, restated: true }
    }
  }

  return {
    version,
    rank,
    rankUnlisted: (isOver: () => boolean) => [...unlisted(isOver)],
    rankRound(nowMs: number, isOver = () => false): RankedList[] {
      if (state.versionBase === undefined) return []
      return [...rankDue(nowMs, isOver), ...(isOver() ? [] : rankStale(stalePerRound))]
    },
  }
}

/** Which items in which order; never 0, which means «no list yet». */
function hashOf(list: RankedList, begunAt: (item: number) => number): number {
  let h = list.source === 'PERSONAL' ? 0x811c_9dc5 : 0x1000_01b3
  for (const item of list.items) {
    h = Math.imul(h ^ item, 0x0100_0193) ^ (h >>> 15)
    const begun = begunAt(item)
    if (begun !== 0) h = Math.imul(h ^ begun, 0x0100_0193) ^ (h >>> 15)
  }
  return h === 0 ? 1 : h | 0
}
