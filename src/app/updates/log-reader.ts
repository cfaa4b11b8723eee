// Reads the update log in order and hands it to the trainer, which answers what became of each record.

import type { Logger } from '../../ports/logger.ts'
import type { GroupLearning } from '../../ports/trainer.ts'
import type { LoggedRecord, LoggedRecords, UpdateLog } from '../../ports/update-log.ts'
import type { Ids } from '../../remember/ids.ts'
import type { GroupState } from '../../requests.ts'
import { headOf, type UpdateHead } from '../../updates/encode.ts'
import type { Retrying } from '../retry.ts'
import {
  type Counted,
  countsOf,
  nothing,
  type ReadCounts,
  tellForeign,
  tellUnreadable,
} from './read-counts.ts'

export interface LogReaderParts {
  readonly log: UpdateLog
  readonly group: Pick<GroupLearning, 'read'>
  readonly author: string
  readonly items: Pick<Ids, 'stored' | 'takeNew'>
  readonly retrying: Retrying
  readonly logger: Logger
  readonly onRead: (counts: ReadCounts) => void
  /** Ends the reading. */
  readonly signal: AbortSignal
}

export interface LogReader {
  readonly failed: Promise<unknown>
  open(from: number, signal: AbortSignal): Promise<boolean>
  /** Resolves when more was read. */
  changed(): Promise<void>
  /** The highest number of an own record that was read back. */
  readonly readOwn: number
  /** Records of the input that the group has learned, and the workers that learn, by what was read. */
  readonly group: { readonly learned: number; readonly workers: number }
  /** Streams that are this worker's by the log, and where learning stands in each. */
  owned(): ReadonlyMap<string, number>
  /** Resolves when the reading has ended. */
  closed(): Promise<void>
}

/** What the retrying is told it does: the condition `updates` goes by it. */
export const readingUpdates = 'reading the update log'
/** The trainer takes them between two of its turns. */
const recordsAtOnce = 16

export function createLogReader(parts: LogReaderParts): LogReader {
  const { log, group, items, retrying, signal } = parts
  let reading: AsyncIterator<LoggedRecords> | undefined
  let next = 0
  let start = { from: 0, end: 0 }
  let readOwn = 0
  /** Since the start. */
  let unknownItems = 0
  let owned: ReadonlyMap<string, number> = new Map()
  let found = { learned: 0, workers: 1 }
  const waiting: (() => void)[] = []
  let following: Promise<void> = Promise.resolve()
  let tellFailed: (cause: unknown) => void = () => undefined
  const failed = new Promise<unknown>((resolve) => {
    tellFailed = resolve
  })

  async function pull(): Promise<LoggedRecords | undefined> {
    reading ??= log.read(next, signal)[Symbol.asyncIterator]()
    try {
      const { done, value } = await reading.next()
      return done === true ? undefined : value
    } catch (cause) {
      reading = undefined
      throw cause
    }
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      const some = await retrying(readingUpdates, pull)
      if (some === undefined) return
      for (let at = 0; at < some.records.length; at += recordsAtOnce) {
        await take(some.records.slice(at, at + recordsAtOnce), some.end)
      }
    }
  }

  async function take(records: readonly LoggedRecord[], end: number): Promise<void> {
    // In one step with the call, so that new names are numbered in its order.
    const given = records.map(({ offset, value }) => {
      const names = headIn(value)?.names ?? []
      return { offset, bytes: value, ids: Int32Array.from(names, (name) => items.stored(name)) }
    })
    const state = await group.read({ newItems: items.takeNew(), records: given })
    next = records.at(-1)!.offset + 1
    note(records, state, end)
  }

  function note(records: readonly LoggedRecord[], state: GroupState, end: number): void {
    owned = new Map(state.owned)
    const owners = new Set(state.streams.map(([, , owner]) => owner))
    found = { learned: state.learned, workers: owners.size }
    state.verdicts.forEach(({ author, sequence, passedOver, detail, foreign }, k) => {
      if (author === parts.author) readOwn = Math.max(readOwn, sequence)
      const { offset } = records[k]!
      if (passedOver === 'unreadable') tellUnreadable(parts.logger, offset, detail)
      if (foreign !== undefined) tellForeign(parts.logger, offset, author, foreign)
    })
    const unknown = state.unknownItems - unknownItems
    unknownItems = state.unknownItems
    tell({ ...countsOf(records, state), unknownItems: unknown }, end)
    for (const wake of waiting.splice(0)) wake()
  }

  function tell(counts: Counted, end: number): void {
    const all = start.end - start.from
    const share = all <= 0 ? 1 : Math.min(1, (next - start.from) / all)
    parts.onRead({ author: parts.author, ...counts, share, behind: Math.max(0, end - next) })
  }

  async function isReached(until: AbortSignal): Promise<boolean> {
    const { end } = await retrying(readingUpdates, () => log.bounds())
    start = { from: next, end }
    tell(nothing, end)
    following = follow()
    following.catch(tellFailed)
    const broken = failed.then((cause) => {
      throw cause
    })
    // Where it is aborted first, whoever hears of failures later is told by `failed`.
    broken.catch(() => undefined)
    const over = abortOf(until)
    while (next < end && !until.aborted) await Promise.race([changed(), over.aborted, broken])
    over.forget()
    return !until.aborted
  }

  function changed(): Promise<void> {
    return new Promise((resolve) => waiting.push(resolve))
  }

  return {
    failed,
    async open(from, until) {
      next = from
      return until.aborted ? false : isReached(until)
    },
    changed,
    get readOwn() {
      return readOwn
    },
    get group() {
      return found
    },
    owned: () => owned,
    closed: () => following.catch(() => undefined),
  }
}

function abortOf(signal: AbortSignal) {
  const over = new AbortController()
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true, signal: over.signal })
  })
  return { aborted, forget: () => over.abort() }
}

function headIn(value: Uint8Array): UpdateHead | undefined {
  try {
    return headOf(value)
  } catch {
    // The trainer says what is wrong with it.
    return undefined
  }
}
