// Small facts about lists that their keeper (lists.ts) saves, compares and tells.

import type { RankedList } from '../../messages.ts'
import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { Position } from '../../types.ts'
import type { SentLists } from './sent-lists.ts'

export interface ListOptions {
  readonly k: number
  /** A user's list is ranked again after at most this many events of the whole stream. */
  readonly staleAfterEvents: number
  /** Between two lists of a user at least so many ms, so that a burst gives one list. 0: no pause. */
  readonly pauseMs: number
  /** By newest event where more are due than can be ranked; else in the order of their coming. */
  readonly newestFirst: boolean
  /** Versions of one run lie above those of every run before it. undefined: no list goes out before hold(). */
  readonly versionBase: number | undefined
  /** What a checkpoint says was published is the newest that was: so where no crash lies between. */
  readonly trustsHashes: boolean
}

/** A user who waits for a list: the newest event, its place, and the first place not yet in any list. */
export interface Due {
  readonly time: number
  readonly position: Position
  readonly since: Position
  /** Monotonic ms: when the first event of it came. Infinity: not known. */
  readonly sinceMs: number
}

/** What a list tells of: the user's newest event, and the place of the input that it reflects. */
export interface About {
  readonly time: number
  readonly position: Position
}

/** What a touch makes of a user who may be waiting already, and of whom an earlier list may have told. */
export function dueAfter(
  waiting: Due | undefined,
  told: About | undefined,
  time: number,
  position: Position,
  atMs: number,
): Due {
  const known = waiting ?? told
  const newest = Math.max(time, known?.time ?? 0)
  // A record that comes again changes nothing: the list reflects all that came behind it too.
  const ahead =
    known?.position.stream === position.stream && known.position.offset > position.offset
  const since =
    waiting?.since.stream === position.stream ? first(waiting.since, position) : position
  const sinceMs = Math.min(waiting?.sinceMs ?? atMs, atMs)
  return { time: newest, position: ahead ? known.position : position, since, sinceMs }
}

function first(one: Position, other: Position): Position {
  return one.offset <= other.offset ? one : other
}

/** Positions moved back before the first record whose list is still to come. */
export function dueBefore(
  positions: ReadonlyMap<string, number>,
  waiting: Iterable<Due>,
): Map<string, number> {
  const settled = new Map(positions)
  for (const { since } of waiting) {
    const at = settled.get(since.stream)
    if (at !== undefined && since.offset < at) settled.set(since.stream, since.offset)
  }
  return settled
}

/** The index of the position's stream in the list of names, which grows by it when it is new. */
function place(streams: string[], position: Position): number {
  const at = streams.indexOf(position.stream)
  return at >= 0 ? at : streams.push(position.stream) - 1
}

/** Those who have a list, as rows of user, hash, events at its ranking, event time, stream and offset. */
export function rowsOfListed(
  listed: ReadonlyMap<number, About>,
  sent: SentLists,
  streams: string[],
): Tensor {
  const users = [...listed.keys()].sort((a, b) => a - b)
  const rows = users.flatMap((user) => {
    const { time, position: at } = listed.get(user)!
    return [user, sent.hash(user), sent.rankedAt(user), time, place(streams, at), at.offset]
  })
  return { shape: [rows.length / 6, 6], data: Float64Array.from(rows) }
}

/** Those who wait, as rows of user, event time, stream and offset. */
export function rowsOfWaiting(waiting: ReadonlyMap<number, Due>, streams: string[]): Tensor {
  const due = [...waiting].flatMap(([user, { time, position }]) => {
    return [user, time, place(streams, position), position.offset]
  })
  return { shape: [due.length / 4, 4], data: Float64Array.from(due) }
}

export function* waitingOf(
  rows: Tensor | undefined,
  streams: readonly string[],
): Iterable<[number, Due]> {
  const due = rows?.data ?? new Float64Array(0)
  for (let at = 0; at + 3 < due.length; at += 4) {
    const position = { stream: streams[due[at + 2]!] ?? '', offset: due[at + 3]! }
    const sinceMs = Number.POSITIVE_INFINITY
    yield [due[at]!, { time: due[at + 1]!, position, since: position, sinceMs }]
  }
}

/** Which items in which order; never 0, which means «no list yet». */
export function hashOf(list: RankedList): number {
  let h = list.source === 'PERSONAL' ? 0x811c_9dc5 : 0x1000_01b3
  for (const item of list.items) h = Math.imul(h ^ item, 0x0100_0193) ^ (h >>> 15)
  return h === 0 ? 1 : h | 0
}

/** The rows of rowsOfListed(), read back. */
export function* listedOf(rows: Tensor | undefined, streams: readonly string[]) {
  const data = rows?.data ?? new Float64Array(0)
  for (let at = 0; at + 5 < data.length; at += 6) {
    const position = { stream: streams[data[at + 4]!] ?? '', offset: data[at + 5]! }
    const about: About = { time: data[at + 3]!, position }
    yield { user: data[at]!, hash: data[at + 1]!, rankedAt: data[at + 2]!, about }
  }
}
