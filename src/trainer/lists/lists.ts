// Which users get a fresh list, and what is in it. Users with new events come first; then, a few per turn, users
// whose list is older than the model by a set number of events. A list goes out only when it has changed.

import type { Held, RankedList } from '../../messages.ts'
import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { Position, Positions } from '../../types.ts'
import type { Learner } from '../model/learner.ts'
import {
  type About,
  type Due,
  dueAfter,
  grown,
  hashOf,
  type ListOptions,
  rowsOfListed,
  rowsOfWaiting,
  settledBefore,
  waitingOf,
} from './list-records.ts'
import { createRecommender } from './recommender.ts'

export interface Lists {
  /** The user has a new event at this place of the input, that came at `atMs`, monotonic. */
  touch(user: number, time: number, position: Position, atMs: number): void
  /** Ranks up to `max` users that are due at `nowMs`; at Infinity all are. */
  due(max: number, nowMs: number): RankedList[]
  /** Ranks up to `max` of the users whose list is stale. */
  stale(max: number): RankedList[]
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
  readonly version: number
  /** Positions are kept as indices into `streams`, which grows by the names it lacks. */
  save(streams: string[]): Map<string, Tensor>
  restore(tensors: ReadonlyMap<string, Tensor>, streams: readonly string[]): void
}

export function createLists(learner: Learner, options: ListOptions): Lists {
  const { positives } = learner
  const best = createRecommender(learner)
  const waiting = new Map<number, Due>()
  let { versionBase } = options
  /** Per user: hash of the last list, events when it was ranked, ms when it went out. */
  let hashes = new Int32Array(256)
  let rankedAt = new Float64Array(256).fill(-1)
  let sentAt = new Float64Array(256).fill(Number.NEGATIVE_INFINITY)
  const reflected = new Map<number, About>()
  /** The newest event time of the stream: «now» for users who have been away. */
  let streamTime = 0
  let cursor = 0
  let ranked = 0
  let unchanged = 0
  let lagMs = 0

  function growUsers(user: number): void {
    if (user < hashes.length) return
    const size = Math.max(user + 1, 2 * hashes.length)
    hashes = grown(hashes, new Int32Array(size))
    rankedAt = grown(rankedAt, new Float64Array(size).fill(-1))
    sentAt = grown(sentAt, new Float64Array(size).fill(Number.NEGATIVE_INFINITY))
  }

  const version = (): number => (versionBase ?? 0) + learner.counts.events

  function rank(user: number, k: number, at?: number): RankedList {
    const about = waiting.get(user) ?? reflected.get(user)
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
    growUsers(user)
    reflected.set(user, about)
    const list = rank(user, options.k, at)
    rankedAt[user] = learner.counts.events
    ranked++
    const hash = hashOf(list)
    if (hash === hashes[user]) {
      unchanged++
      return undefined
    }
    hashes[user] = hash
    return list
  }

  function due(max: number, nowMs: number): RankedList[] {
    const lists: RankedList[] = []
    if (versionBase === undefined) return lists
    let looked = 0
    lagMs = 0
    for (const [user, about] of waiting) {
      growUsers(user)
      const dueMs = sentAt[user]! + options.pauseMs
      if (nowMs < dueMs) continue
      // In order of their coming, so the first that is left has waited for longest.
      if (looked >= max) {
        lagMs = Math.max(0, nowMs - Math.max(about.sinceMs, dueMs))
        break
      }
      looked++
      waiting.delete(user)
      if (Number.isFinite(nowMs)) sentAt[user] = nowMs
      const list = refresh(user, about, about.time)
      if (list !== undefined) lists.push(list)
    }
    return lists
  }

  function stale(max: number): RankedList[] {
    const lists: RankedList[] = []
    const events = learner.counts.events
    const users = versionBase === undefined ? 0 : positives.users
    for (let looked = 0; looked < max && looked < users; looked++) {
      const user = cursor++ % positives.users
      const about = reflected.get(user)
      if (about === undefined || waiting.has(user)) continue
      if (events - rankedAt[user]! < options.staleAfterEvents) continue
      const list = refresh(user, about, streamTime)
      if (list !== undefined) lists.push({ ...list, restated: true })
    }
    return lists
  }

  return {
    touch(user, time, position, atMs) {
      streamTime = Math.max(streamTime, time)
      // One who waits keeps the place in the queue.
      waiting.set(user, dueAfter(waiting.get(user), reflected.get(user), time, position, atMs))
    },
    isListed: (user) => hashes[user] !== undefined && hashes[user] !== 0,
    hold(held) {
      const gained = new Set(held.gained)
      const own = new Set(held.streams.filter((stream) => !gained.has(stream)))
      versionBase = held.versionBase
      // Lists may be lost on their way or overwritten by others: the next event of each user brings a new one.
      hashes.fill(0)
      for (const users of [waiting, reflected]) {
        for (const [user, { position }] of users) {
          if (!own.has(position.stream)) users.delete(user)
        }
      }
    },
    settled: (positions) => settledBefore(positions, waiting.values()),
    due,
    stale,
    rank,
    again(users) {
      for (const user of users) {
        const about = reflected.get(user)
        if (about === undefined) continue
        hashes[user] = 0
        if (!waiting.has(user))
          waiting.set(user, { ...about, since: about.position, sinceMs: Infinity })
      }
    },
    forget(user) {
      growUsers(user)
      waiting.delete(user)
      reflected.delete(user)
      hashes[user] = 0
    },
    get waiting() {
      return versionBase === undefined ? 0 : waiting.size
    },
    get lagMs() {
      return lagMs
    },
    get ranked() {
      return ranked
    },
    get unchanged() {
      return unchanged
    },
    get version() {
      return version()
    },
    save(streams) {
      const facts = Float64Array.of(cursor, ranked, unchanged, streamTime)
      return new Map<string, Tensor>([
        ['lists.users', rowsOfListed(reflected, hashes, rankedAt, streams)],
        ['lists.waiting', rowsOfWaiting(waiting, streams)],
        ['lists.facts', { shape: [4], data: facts }],
      ])
    },
    restore(tensors, streams) {
      const facts = tensors.get('lists.facts')?.data ?? []
      ;[cursor = 0, ranked = 0, unchanged = 0, streamTime = 0] = facts as Float64Array
      const rows = tensors.get('lists.users')?.data ?? new Float64Array(0)
      for (let at = 0; at + 5 < rows.length; at += 6) {
        const user = rows[at]!
        growUsers(user)
        if (options.trustsHashes) hashes[user] = rows[at + 1]!
        rankedAt[user] = rows[at + 2]!
        const position = { stream: streams[rows[at + 4]!] ?? '', offset: rows[at + 5]! }
        reflected.set(user, { time: rows[at + 3]!, position })
      }
      for (const [user, due] of waitingOf(tensors.get('lists.waiting'), streams))
        waiting.set(user, due)
    },
  }
}
