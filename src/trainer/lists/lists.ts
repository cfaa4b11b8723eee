// Which users get a fresh list, and when. Users with new events come first; while nothing waits, users without a list
// and those whose list is stale. Lists that hold what may not be listed any more are made again. A list goes out only
// when it has changed.

import type { AssignedStreams, RankedList } from '../../messages.ts'
import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { LiveState } from '../../ports/live-state.ts'
import type { Pause } from '../../rank/preference.ts'
import type { Position, Positions } from '../../types.ts'
import type { Learner } from '../model/learner.ts'
import { dueAfter } from './due/due.ts'
import type { DueUsers, ListedEvent } from './due/due-users.ts'
import { createListRanking } from './list-ranking.ts'
import {
  assign,
  createListState,
  type ListOptions,
  liveListState,
  restoreListState,
  saveListState,
} from './list-state.ts'

export interface Lists extends Pick<DueUsers, 'catchesUp' | 'caughtUp' | 'takeOwed' | 'keptOwed'> {
  /** The user has a new event. */
  markDue(event: ListedEvent): void
  /** It is kept outside that the user is owed a list; of a stream that is not this worker's, nothing is done. */
  owe(user: number, position: Position): void
  /**
   * Ranks users who are due at `nowMs`, at Infinity all waiting ones are, until the round is over, but at least one.
   * Every other round begins with lists that hold what may not be listed any more. `pause`: amid a list, too, where it
   * takes long.
   */
  rankRound(nowMs: number, isOver?: () => boolean, pause?: Pause): RankedList[]
  /** While nothing waits: lists that no event asks for, until the round is over; see unasked-users.ts. */
  rankUnasked(isOver: () => boolean, pause?: Pause): RankedList[]
  /** Users 0 … users-1 are known from before. */
  knows(users: number): void
  /** The list as it would be, whether changed or not; `at` in ms of event time, else at the user's newest event. */
  rank(user: number, k: number, at?: number): RankedList
  /** Whether the newest event of the user is one that this trainer has seen, in a stream that is its own. */
  isCurrent(user: number): boolean
  /** Lists of these users go out again, changed or not. */
  republish(users: Int32Array): void
  forget(user: number): void
  /**
   * Whether no list of the user is known to have gone out since the start or the newest assignment. In a deterministic
   * run without a group the checkpoint knows.
   */
  mayLack(user: number): boolean
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
  /** Lists that were ranked again because an item in them may not be listed any more. */
  withdrawn(): number
  /** Lists that were ranked more than a quarter of a second after they were due. */
  readonly late: number
  readonly version: number
  /** The newest event time, in ms. */
  streamTime(): number
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
    owe(user, position) {
      if (state.streams?.has(position.stream) === false) return
      const last = reflected.get(user)
      const due = dueAfter(
        undefined,
        last,
        learner.positives.runs.newestTime(user),
        position,
        Infinity,
      )
      // What was taken back since that record is not the user's any more, but was at the place that the list tells of.
      if (last !== undefined && last.position.stream !== position.stream) {
        learner.usersWithUncertainRemovals.add(user)
      }
      // Of a list that went out before the newest assignment it is not known whether it arrived.
      const arrived = sent.hash(user) === 0 ? undefined : last
      if (learner.positives.holdsAny(user)) dueUsers.owe(user, due, arrived)
      else dueUsers.oweNothing(user, due)
    },
    takeOwed: dueUsers.takeOwed,
    keptOwed: dueUsers.keptOwed,
    knows: state.unaskedUsers.begin,
    catchesUp: dueUsers.catchesUp,
    caughtUp: dueUsers.caughtUp,
    isCurrent: (user) => dueUsers.get(user) !== undefined || reflected.has(user),
    mayLack: (user) =>
      sent.hash(user) === 0 && (!options.trustsHashes || state.streams !== undefined),
    assign: (assignment) => assign(state, assignment),
    safeToCommit: dueUsers.safeToCommit,
    republish(users) {
      for (const user of users) {
        const last = reflected.get(user)
        if (last === undefined) continue
        sent.forget(user)
        if (dueUsers.isLive(user)) continue
        // What was read of them as history is in the list, too.
        const about = dueUsers.get(user) ?? last
        dueUsers.put(user, { ...about, since: about.position, sinceMs: Number.POSITIVE_INFINITY })
      }
    },
    forget(user) {
      dueUsers.delete(user)
      reflected.delete(user)
      sent.forget(user)
    },
    get waiting() {
      if (ranking.mustWait()) return 0
      return dueUsers.size + (ranking.withdrawals.isPending ? 1 : 0)
    },
    pauseLeft(nowMs) {
      if (ranking.mustWait()) return Number.POSITIVE_INFINITY
      return ranking.withdrawals.isPending ? 0 : dueUsers.pauseLeft(nowMs)
    },
    get lagMs() {
      return dueUsers.lagMs
    },
    get ranked() {
      return state.ranked
    },
    get unchanged() {
      return state.unchanged
    },
    withdrawn: () => ranking.withdrawals.ranked,
    streamTime: () => state.streamTime,
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
