// What a checkpoint holds of the lists: who has one and who waits for one, as rows of numbers. Streams are saved as
// indices into a list of names, which grows by the names that it lacks.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { Position } from '../../types.ts'
import type { Due, Reflected } from './due.ts'
import type { SentLists } from './sent-lists.ts'

/** Rows of user, hash, number of events when the list was ranked, event time, stream and offset. */
export function sentRows(
  reflected: ReadonlyMap<number, Reflected>,
  sent: SentLists,
  streams: string[],
): Tensor {
  const users = [...reflected.keys()].sort((a, b) => a - b)
  const rows = users.flatMap((user) => {
    const { time, position } = reflected.get(user)!
    const stream = streamIndex(streams, position)
    return [user, sent.hash(user), sent.rankedAt(user), time, stream, position.offset]
  })
  return { shape: [rows.length / 6, 6], data: Float64Array.from(rows) }
}

/** Reads the rows of sentRows(). */
export function* readSentRows(rows: Tensor | undefined, streams: readonly string[]) {
  const data = rows?.data ?? new Float64Array(0)
  for (let at = 0; at + 5 < data.length; at += 6) {
    const position = { stream: streams[data[at + 4]!] ?? '', offset: data[at + 5]! }
    const reflected: Reflected = { time: data[at + 3]!, position }
    yield { user: data[at]!, hash: data[at + 1]!, rankedAt: data[at + 2]!, reflected }
  }
}

/** Rows of user, event time, stream and offset. */
export function waitingRows(waiting: ReadonlyMap<number, Due>, streams: string[]): Tensor {
  const rows = [...waiting].flatMap(([user, { time, position }]) => {
    return [user, time, streamIndex(streams, position), position.offset]
  })
  return { shape: [rows.length / 4, 4], data: Float64Array.from(rows) }
}

/** Reads the rows of waitingRows(). */
export function* readWaitingRows(
  rows: Tensor | undefined,
  streams: readonly string[],
): Iterable<[user: number, due: Due]> {
  const data = rows?.data ?? new Float64Array(0)
  for (let at = 0; at + 3 < data.length; at += 4) {
    const position = { stream: streams[data[at + 2]!] ?? '', offset: data[at + 3]! }
    const sinceMs = Number.POSITIVE_INFINITY
    yield [data[at]!, { time: data[at + 1]!, position, since: position, sinceMs }]
  }
}

function streamIndex(streams: string[], { stream }: Position): number {
  const at = streams.indexOf(stream)
  return at >= 0 ? at : streams.push(stream) - 1
}
