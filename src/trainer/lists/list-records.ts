// What a checkpoint holds of the lists: who has one and who waits for one, as rows of numbers. Streams are saved as
// indices into a list of names, which grows by the names that it lacks.

import type { Tensor, TensorData } from '../../ports/checkpoint-store.ts'
import type { Due, Reflected } from './due/due.ts'
import type { DueUsers } from './due/due-users.ts'
import type { ReflectedByUser, SentLists } from './sent-lists.ts'

/** Numbers of a user who has a list, and of one who is due a list. */
export const rowWidth = 6
export const dueWidth = 4

/** Rows of user, hash, number of events when the list was ranked, event time, stream and offset. */
export function sentRows(reflected: ReflectedByUser, sent: SentLists, streams: string[]): Tensor {
  const users = Int32Array.from(reflected.keys())
  const data = new Float64Array(rowWidth * users.length)
  users.forEach((user, k) => {
    writeRow(data, rowWidth * k, user, { reflected, sent, streams })
  })
  return { shape: [users.length, rowWidth], data }
}

/** Such rows of users `from` … `to`-1, all of them: those without a list have stream -1. */
export function rowsOfUsers(from: number, to: number, of: RowSources): Float64Array {
  const data = new Float64Array(rowWidth * (to - from))
  for (let user = from; user < to; user++) writeRow(data, rowWidth * (user - from), user, of)
  return data
}

export interface RowSources {
  readonly reflected: ReflectedByUser
  readonly sent: SentLists
  readonly streams: string[]
}

function writeRow(
  into: Float64Array,
  at: number,
  user: number,
  { reflected, sent, streams }: RowSources,
): void {
  const last = reflected.get(user)
  into[at] = user
  into[at + 1] = sent.hash(user)
  into[at + 2] = sent.rankedAt(user)
  into[at + 3] = last?.time ?? 0
  into[at + 4] = last === undefined ? -1 : streamIndex(streams, last.position.stream)
  into[at + 5] = last?.position.offset ?? -1
}

/** Reads the rows of sentRows() and rowsOfUsers(). */
export function* readSentRows(rows: Tensor | undefined, streams: readonly string[]) {
  const data = rows?.data ?? new Float64Array(0)
  for (let at = 0; at + 5 < data.length; at += rowWidth) {
    if (data[at + 4]! < 0) continue
    const position = { stream: streams[data[at + 4]!] ?? '', offset: data[at + 5]! }
    const reflected: Reflected = { time: data[at + 3]!, position }
    yield { user: data[at]!, hash: data[at + 1]!, rankedAt: data[at + 2]!, reflected }
  }
}

/** Rows of user, event time, stream and offset. */
export function waitingRows(waiting: Pick<DueUsers, 'show'>, streams: string[]): Tensor {
  let data = new Float64Array(1024)
  let end = 0
  waiting.show((user, time, stream, offset) => {
    if (end === data.length) {
      const before = data
      data = new Float64Array(2 * end)
      data.set(before)
    }
    data[end++] = user
    data[end++] = time
    data[end++] = streamIndex(streams, stream)
    data[end++] = offset
  })
  return { shape: [end / 4, 4], data: data.slice(0, end) }
}

/**
 * Rows of place in the order of arrival, event time, stream and offset of users `from` … `to`-1, all of them: those who
 * are not due have stream -1.
 */
export function dueRows(
  from: number,
  to: number,
  dueUsers: Pick<DueUsers, 'get' | 'arrivals'>,
  streams: string[],
): Float64Array {
  const data = new Float64Array(dueWidth * (to - from))
  for (let at = 0, user = from; user < to; at += dueWidth, user++) {
    const due = dueUsers.get(user)
    data[at] = due === undefined ? -1 : dueUsers.arrivals.placeOf(user)
    data[at + 1] = due?.time ?? 0
    data[at + 2] = due === undefined ? -1 : streamIndex(streams, due.position.stream)
    data[at + 3] = due?.position.offset ?? -1
  }
  return data
}

/** Reads the rows of dueRows(), in order of arrival. */
export function* readDueRows(
  rows: Tensor | undefined,
  streams: readonly string[],
): Iterable<readonly [user: number, due: Due, place: number]> {
  const data = rows?.data ?? new Float64Array(0)
  const placeOf = (user: number) => data[user * dueWidth]!
  const all = Int32Array.from({ length: data.length / dueWidth }, (_, user) => user)
  const users = all.filter((user) => data[user * dueWidth + 2]! >= 0)
  for (const user of users.sort((a, b) => placeOf(a) - placeOf(b))) {
    yield [user, dueAt(data, user * dueWidth + 1, streams), placeOf(user)]
  }
}

/** From event time, stream and offset. */
function dueAt(data: TensorData, at: number, streams: readonly string[]): Due {
  const position = { stream: streams[data[at + 1]!] ?? '', offset: data[at + 2]! }
  return { time: data[at]!, position, since: position, sinceMs: Number.POSITIVE_INFINITY }
}

/** Reads the rows of waitingRows(). */
export function* readWaitingRows(
  rows: Tensor | undefined,
  streams: readonly string[],
): Iterable<[user: number, due: Due]> {
  const data = rows?.data ?? new Float64Array(0)
  for (let at = 0; at + 3 < data.length; at += 4) {
    yield [data[at]!, dueAt(data, at + 1, streams)]
  }
}

function streamIndex(streams: string[], stream: string): number {
  const at = streams.indexOf(stream)
  return at >= 0 ? at : streams.push(stream) - 1
}
