// Which users get a fresh list, and what is in it. Users with new events come first; then, a few per turn, users
// whose list is older than the model by a set number of events. A list goes out only when it has changed.

import type { RankedList } from '../messages.ts'
import type { Tensor } from '../ports/checkpoint-store.ts'
import type { Position } from '../types.ts'
import { createBestOf } from './best-of.ts'
import type { Learner } from './learner.ts'

export interface ListOptions {
  readonly k: number
  /** A user's list is ranked again after at most this many events of the whole stream. */
  readonly staleAfterEvents: number
  /** Between two lists of a user at least so many ms, so that a burst gives one list. 0: no pause. */
  readonly pauseMs: number
  /** Versions of one run lie above those of every run before it. */
  readonly versionBase: number
}

export interface Lists {
  /** The user has a new event at this place of the input. */
  touch(user: number, time: number, position: Position): void
  /** Ranks up to `max` users that are due at `nowMs`; at Infinity all are. */
  due(max: number, nowMs: number): RankedList[]
  /** Ranks up to `max` of the users whose list is stale. */
  stale(max: number): RankedList[]
  /** The list as it would be, whether changed or not; `at` in ms of event time, else at the user's newest event. */
  rank(user: number, k: number, at?: number): RankedList
  forget(user: number): void
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
  const best = createBestOf(learner)
  const waiting = new Map<number, { time: number; position: Position }>()
  /** Per user: hash of the last list, events when it was ranked, ms when it went out. */
  let hashes = new Int32Array(256)
  let rankedAt = new Float64Array(256).fill(-1)
  let sentAt = new Float64Array(256).fill(Number.NEGATIVE_INFINITY)
  const reflected = new Map<number, { time: number; position: Position }>()
  /** The newest event time of the stream: «now» for users who have been away. */
  let streamTime = 0
  let cursor = 0
  let ranked = 0
  let unchanged = 0

  function growUsers(user: number): void {
    if (user < hashes.length) return
    const size = Math.max(user + 1, 2 * hashes.length)
    const old = { hashes, rankedAt, sentAt }
    hashes = new Int32Array(size)
    hashes.set(old.hashes)
    rankedAt = new Float64Array(size).fill(-1)
    rankedAt.set(old.rankedAt)
    sentAt = new Float64Array(size).fill(Number.NEGATIVE_INFINITY)
    sentAt.set(old.sentAt)
  }

  function version(): number {
    return options.versionBase + learner.counts.events
  }

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
  function refresh(
    user: number,
    about: { time: number; position: Position },
    at: number,
  ): RankedList | undefined {
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
    let looked = 0
    for (const [user, about] of waiting) {
      if (looked >= max) break
      growUsers(user)
      if (nowMs - sentAt[user]! < options.pauseMs) continue
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
    for (let looked = 0; looked < max && looked < positives.users; looked++) {
      const user = cursor++ % positives.users
      const about = reflected.get(user)
      if (about === undefined || waiting.has(user)) continue
      if (events - rankedAt[user]! < options.staleAfterEvents) continue
      const list = refresh(user, about, streamTime)
      if (list !== undefined) lists.push(list)
    }
    return lists
  }

  return {
    touch(user, time, position) {
      const before = waiting.get(user) ?? reflected.get(user)
      streamTime = Math.max(streamTime, time)
      waiting.delete(user)
      waiting.set(user, { time: Math.max(time, before?.time ?? 0), position })
    },
    due,
    stale,
    rank,
    forget(user) {
      growUsers(user)
      waiting.delete(user)
      reflected.delete(user)
      hashes[user] = 0
    },
    get waiting() {
      return waiting.size
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
      const users = [...reflected.keys()].sort((a, b) => a - b)
      const rows = users.flatMap((user) => {
        const { time, position } = reflected.get(user)!
        return [
          user,
          hashes[user]!,
          rankedAt[user]!,
          time,
          place(streams, position),
          position.offset,
        ]
      })
      const due = [...waiting].flatMap(([user, { time, position }]) => {
        return [user, time, place(streams, position), position.offset]
      })
      const facts = Float64Array.of(cursor, ranked, unchanged, streamTime)
      return new Map<string, Tensor>([
        ['lists.users', { shape: [rows.length / 6, 6], data: Float64Array.from(rows) }],
        ['lists.waiting', { shape: [due.length / 4, 4], data: Float64Array.from(due) }],
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
        hashes[user] = rows[at + 1]!
        rankedAt[user] = rows[at + 2]!
        const position = { stream: streams[rows[at + 4]!] ?? '', offset: rows[at + 5]! }
        reflected.set(user, { time: rows[at + 3]!, position })
      }
      const due = tensors.get('lists.waiting')?.data ?? new Float64Array(0)
      for (let at = 0; at + 3 < due.length; at += 4) {
        const position = { stream: streams[due[at + 2]!] ?? '', offset: due[at + 3]! }
        waiting.set(due[at]!, { time: due[at + 1]!, position })
      }
    },
  }
}

/** The index of the position's stream in the list of names, which grows by it when it is new. */
function place(streams: string[], position: Position): number {
  const at = streams.indexOf(position.stream)
  return at >= 0 ? at : streams.push(position.stream) - 1
}

/** Which items in which order; never 0, which means «no list yet». */
function hashOf(list: RankedList): number {
  let h = list.source === 'PERSONAL' ? 0x811c_9dc5 : 0x1000_01b3
  for (const item of list.items) h = Math.imul(h ^ item, 0x0100_0193) ^ (h >>> 15)
  return h === 0 ? 1 : h | 0
}
