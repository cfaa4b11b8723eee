// What an application sends, checked before anybody works on it.

import type { HistoryEntry } from '../../../ports/list-service.ts'

export interface QuestionLimits {
  /** Length of a list where no k is given. */
  readonly k: number
  readonly kMax: number
  /** Bytes of an id. */
  readonly idBytesMax: number
  /** Entries of a history. */
  readonly historyMax: number
}

/** A question that cannot be answered as it is asked; the message says what was expected. */
export class Invalid extends Error {}

/** @throws Invalid */
export function kOf(text: string | null, { k, kMax }: QuestionLimits): number {
  if (text === null) return k
  return checkedK(/^\d{1,9}$/.test(text) ? Number(text) : text, kMax)
}

function checkedK(k: unknown, kMax: number): number {
  if (Number.isInteger(k) && (k as number) >= 1 && (k as number) <= kMax) return k as number
  throw new Invalid(`k is ${JSON.stringify(k)}, expected a whole number from 1 to ${kMax}`)
}

/** @throws Invalid */
export function idOf(encoded: string, bytesMax: number): string {
  let id: string
  try {
    id = decodeURIComponent(encoded)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw new Invalid('the id in the path is not percent-encoded UTF-8')
  }
  return checkedId(id, bytesMax)
}

function checkedId(id: unknown, bytesMax: number): string {
  if (typeof id === 'string' && id !== '' && Buffer.byteLength(id) <= bytesMax) return id
  throw new Invalid(`expected an id of 1 to ${bytesMax} bytes`)
}

/** `{"history": [{"item", "timestamp"?}], "k"?}` @throws Invalid */
export function readQuestion(
  body: string,
  options: QuestionLimits,
): { history: HistoryEntry[]; k: number } {
  const { history, k = options.k } = parsed(body) as { history?: unknown; k?: unknown }
  if (!Array.isArray(history) || history.length > options.historyMax) {
    const got = Array.isArray(history) ? `${history.length} entries` : typeof history
    throw new Invalid(`history is ${got}, expected an array of at most ${options.historyMax}`)
  }
  return {
    history: history.map((entry) => entryOf(entry, options.idBytesMax)),
    k: checkedK(k, options.kMax),
  }
}

function parsed(body: string): object {
  const expected = 'expected {"history": [{"item": "…", "timestamp": 0}], "k": 10}'
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (error) {
    throw new Invalid(`the body is not JSON (${(error as Error).message}); ${expected}`)
  }
  if (typeof value !== 'object' || value === null) throw new Invalid(expected)
  return value
}

function entryOf(entry: unknown, idBytesMax: number): HistoryEntry {
  const { item, timestamp } = (entry ?? {}) as { item?: unknown; timestamp?: unknown }
  const id = checkedId(item, idBytesMax)
  if (timestamp === undefined || timestamp === null) return { item: id }
  if (typeof timestamp === 'number' && timestamp >= 0 && timestamp <= 8.64e15) {
    return { item: id, timestamp }
  }
  throw new Invalid(`timestamp is ${JSON.stringify(timestamp)}, expected ms since the epoch`)
}
