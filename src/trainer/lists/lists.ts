// Which users get a fresh list, and what is in it. Users with new events come first; then, a few per turn, users
// whose list is older than the model by a set number of events. A list goes out only when it has changed.

import type { Held, RankedList } from '../../messages.ts'
import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { Positions } from '../../types.ts'
import type { Learner } from '../model/learner.ts'
import { createDueUsers, type DueUsers, type Touch } from './due-users.ts'
import {
  type About,
  hashOf,
  type ListOptions,
  listedOf,
  rowsOfListed,
  rowsOfWaiting,
  waitingOf,
} from './list-records.ts'
import { createRecommender } from './recommender.ts'
import { createSentLists } from './sent-lists.ts'
import { createStaleUsers } from './stale-users.ts'

/** Users who are looked at in one round for a list that is stale. */
const stalePerRound = 2

export interface Lists extends Pick<DueUsers, 'catchesUp' | 'caughtUp'> {
  /** The user has a new event. */
  touch(event: Touch): void
  /**
   * Ranks users that are due at `nowMs`, at Infinity all are, until the round is over; one at least. What time is left
   * goes to users whose list is stale.
   */
  round(nowMs: number, isOver?: () => boolean): RankedList[]
  /** The list as it would be, whether changed or not; `at` in ms of event time, else at the user's newest event. */
  rank(user: number, k: number, at?: number): RankedList
  /** Lists of these users go out again, the same or not. */
  again(users: Int32Array): void
  forget(user: number): void
  /** Whether a list of the user has gone out that no restart can have overtaken. */
  isListed(user: number): boolean
  /** Only users of these streams get lists from now on, above the base; what was listed may go out again. */
  hold(held: Held): void
  settled(positions: Positions): Map<string, number>
  /** For how long the oldest that was due had waited when due() last looked, in ms; 0: none was left. */
  readonly lagMs: number
  /** Users that wait for a list. */
  readonly waiting: number
  readonly ranked: number
  readonly unchanged: number
  /** Lists that were ranked more than a quarter of a second after they were due. */
  readonly late: number
  readonly version: number
  /** Positions are kept as indices into `streams`, which grows by the names it lacks. */
  save(streams: string[]): Map<string, Tensor>
  restore(tensors: ReadonlyMap<string, Tensor>, streams: readonly string[]): void
}

export function createLists(learner: Learner, options: ListOptions): Lists {
  const { positives } = learner
  const best = createRecommender(learner)
  let { versionBase } = options
  const sent = createSentLists()
  const dueUsers = createDueUsers({ ...options, sentAt: sent.sentAt })
  const reflected = new Map<number, About>()
  /** The newest event time of the stream: «now» for users who have been away. */
  let streamTime = 0
  const staleUsers = createStaleUsers({
    staleAfterEvents: options.staleAfterEvents,
    rankedAt: sent.rankedAt,
    isCandidate: (user) => reflected.has(user) && dueUsers.get(user) === undefined,
  })
  let ranked = 0
  let unchanged = 0

  const version = (): number => (versionBase ?? 0) + learner.counts.events

  function rank(user: number, k: number, at?: number): RankedList {
    const about = dueUsers.get(user) ?? reflected.get(user)
    return {
      user,
      ...best(user, k, at ?? about?.time ?? 0),
      modelVersion: version(),
      newestEvent: about?.time ?? 0,
      position: about?.position ?? { stream: '', offset: -1 },
    }
  }

  /** Ranks for publishing: undefined when the list says the same as the last one. */
  function refresh(user: number, about: About, at: number): RankedList | undefined {
    reflected.set(user, about)
    const list = rank(user, options.k, at)
    ranked++
    const hash = hashOf(list)
    const isUnchanged = hash === sent.hash(user)
    sent.ranked(user, hash, learner.counts.events)
    if (!isUnchanged) return list
    unchanged++
    return undefined
  }

  function due(nowMs: number, isOver: () => boolean): RankedList[] {
    const lists: RankedList[] = []
    if (versionBase === undefined) return lists
    for (const [user, about] of dueUsers.take(nowMs, isOver)) {
      if (Number.isFinite(nowMs)) sent.sent(user, nowMs)
      const list = refresh(user, about, about.time)
      if (list !== undefined) lists.push(list)
    }
    return lists
  }

  function stale(max: number): RankedList[] {
    if (versionBase === undefined) return []
    return staleUsers.next(max, positives.users, learner.counts.events).flatMap((user) => {
      const list = refresh(user, reflected.get(user)!, streamTime)
      return list === undefined ? [] : { ...list, restated: true as const }
    })
  }

  return {
    touch(event) {
      streamTime = Math.max(streamTime, event.time)
      dueUsers.touch(event, reflected.get(event.user))
    },
    catchesUp: dueUsers.catchesUp,
    caughtUp: dueUsers.caughtUp,
    isListed: (user) => sent.hash(user) !== 0,
    hold(held) {
      const gained = new Set(held.gained)
      const own = new Set(held.streams.filter((stream) => !gained.has(stream)))
      versionBase = held.versionBase
      // Lists may be lost on their way or overwritten by others: the next event of each user brings a new one.
      sent.forgetAll()
      dueUsers.keep(own)
      for (const [user, { position }] of reflected) {
        if (!own.has(position.stream)) reflected.delete(user)
      }
    },
    settled: dueUsers.safe,
    round: (nowMs, isOver = () => false) => [
      ...due(nowMs, isOver),
      ...(isOver() ? [] : stale(stalePerRound)),
    ],
    rank,
    again(users) {
      for (const user of users) {
        const about = reflected.get(user)
        if (about === undefined) continue
        sent.forget(user)
        if (dueUsers.get(user) === undefined)
          dueUsers.put(user, { ...about, since: about.position, sinceMs: Infinity })
      }
    },
    forget(user) {
      dueUsers.delete(user)
      reflected.delete(user)
      sent.forget(user)
    },
    get waiting() {
      return versionBase === undefined ? 0 : dueUsers.size
    },
    get lagMs() {
      return dueUsers.lagMs
    },
    get ranked() {
      return ranked
    },
    get unchanged() {
      return unchanged
    },
    get late() {
      return dueUsers.late
    },
    get version() {
      return version()
    },
    save(streams) {
      const facts = Float64Array.of(staleUsers.cursor, ranked, unchanged, streamTime)
      return new Map<string, Tensor>([
        ['lists.users', rowsOfListed(reflected, sent, streams)],
        ['lists.waiting', rowsOfWaiting(dueUsers.entries(), streams)],
        ['lists.facts', { shape: [4], data: facts }],
      ])
    },
    restore(tensors, streams) {
      const facts = tensors.get('lists.facts')?.data ?? []
      let cursor = 0
      ;[cursor = 0, ranked = 0, unchanged = 0, streamTime = 0] = facts as Float64Array
      staleUsers.cursor = cursor
      for (const { user, hash, rankedAt, about } of listedOf(tensors.get('lists.users'), streams)) {
        sent.ranked(user, options.trustsHashes ? hash : 0, rankedAt)
        reflected.set(user, about)
      }
      for (const [user, due] of waitingOf(tensors.get('lists.waiting'), streams))
        dueUsers.put(user, due)
    },
  }
}
