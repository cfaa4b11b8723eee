// Keeps a record that kills the process from killing it for ever. A note on disk says that the worker runs; found at
// the start, it tells of an unclean end, and for a while records are handed out one at a time, each named in the note
// while it is in hand. One that was in hand at two ends goes to the dead letters undecoded.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EventBatch, EventSource } from '../../ports/event-source.ts'
import type { Logger } from '../../ports/logger.ts'
import type { SourceRecord } from '../../types.ts'
import { makeFolder } from './folders.ts'

export interface SuspectJournalOptions {
  /** Where the note is kept: one worker's own folder, such as that of its checkpoints. */
  readonly folder: string
  readonly logger: Logger
  /** Records of a stream handed out singly after an unclean end: more than can be in hand at once. */
  readonly carefulRecords?: number
}

interface InHand {
  readonly stream: string
  readonly offset: number
  /** Ends of the process with this record in hand, this one included should it end now. */
  readonly times: number
}

const noteName = 'in-hand.json'
const timesMax = 2
const carefulRecordsDefault = 2_500

/** The source, watched. Its close() takes the note away: the end was clean. */
export function withSuspectJournal(
  source: EventSource,
  options: SuspectJournalOptions,
): EventSource {
  const { carefulRecords = carefulRecordsDefault, logger } = options
  const note = join(options.folder, noteName)
  /** Set with the first batch: until then the folder may be another worker's, and this start come to nothing. */
  let opened: { readonly found: InHand | undefined } | undefined
  const given = new Map<string, number>()
  let singles: SourceRecord[] = []
  let whole: EventBatch | undefined
  let inHand: Promise<void> = Promise.resolve()

  function open(): { readonly found: InHand | undefined } {
    makeFolder(options.folder)
    const found = readNote(note)
    // Written over in place: a process that is killed loses nothing of it, and after a power cut no record is to blame.
    writeFileSync(note, '{}')
    if (found !== undefined)
      logger.warn('the last end was not clean: records are handed out singly for a while')
    return { found }
  }

  function next(): EventBatch | undefined {
    const record = singles.shift()
    const all = whole
    if (record === undefined || all === undefined) return undefined
    const { stream, offset } = record.position
    const found = opened?.found
    const same = found?.stream === stream && found.offset === offset
    const times = same ? found.times + 1 : 1
    given.set(stream, (given.get(stream) ?? 0) + 1)
    const last = singles.length === 0
    let done = (): void => undefined
    inHand = new Promise((resolve) => (done = resolve))
    writeFileSync(note, JSON.stringify({ stream, offset, times } satisfies InHand))
    return {
      records: [times > timesMax ? suspected(record, logger) : record],
      ...(all.assignment && { assignment: all.assignment }),
      ...(all.history && { history: { left: all.history.left + singles.length } }),
      async ack() {
        writeFileSync(note, '{}')
        // Each record is a sign of life: the batch as a whole may take longer than the group has patience.
        if (last) await all.ack()
        else all.waiting?.()
        done()
      },
      waiting: () => all.waiting?.(),
    }
  }

  return {
    ...(source.examine && { examine: source.examine.bind(source) }),
    async readBatch(signal) {
      opened ??= open()
      if (opened.found === undefined) return source.readBatch(signal)
      await orAborted(inHand, signal)
      if (signal.aborted) return undefined
      const single = next()
      if (single !== undefined) return single
      const batch = await source.readBatch(signal)
      const stream = batch?.records[0]?.position.stream ?? ''
      if (batch === undefined || (given.get(stream) ?? 0) >= carefulRecords) return batch
      singles = [...batch.records]
      whole = batch
      return next()
    },
    safeToCommit: (positions) => source.safeToCommit?.(positions),
    ...(source.isAssigned && { isAssigned: source.isAssigned.bind(source) }),
    lag: () => source.lag(),
    async close() {
      await source.close()
      if (opened === undefined) return
      rmSync(note, { force: true })
    },
  }
}

function suspected({ position, key, value }: SourceRecord, logger: Logger): SourceRecord {
  const { stream, offset } = position
  logger.error('a record that was in hand at two ends goes to the dead letters', { stream, offset })
  const detail = `in hand at ${timesMax} ends of the process`
  return { position, key, value, fault: { reason: 'suspect', detail } }
}

/** Undefined without a note. A note that names no record, or is torn, still tells of an unclean end. */
function readNote(path: string): InHand | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const nothing = { stream: '', offset: -1, times: 0 }
  try {
    const { stream, offset, times } = JSON.parse(text) as Partial<InHand>
    const whole = typeof stream === 'string' && Number.isInteger(offset) && Number.isInteger(times)
    return whole ? ({ stream, offset, times } as InHand) : nothing
  } catch (error) {
    if (error instanceof SyntaxError) return nothing
    throw error
  }
}

function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
