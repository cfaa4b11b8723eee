// Keeps a record that crashes the process from doing so for ever. A note on disk says which records are worked on. If
// it is found at the start, the process has crashed, most often not because of a record: work goes on as usual. Only
// records that were worked on in two crashes are suspect: they are handed out one at a time, with no others. If the
// process crashes twice more at such a record, it goes to the dead letters undecoded.

import type { EventBatch, EventSource } from '../../ports/event-source.ts'
import type { Logger } from '../../ports/logger.ts'
import type { SourceRecord } from '../../types.ts'
import { makeFolder } from './folders.ts'
import { createInHandNote, type InHand } from './in-hand-note.ts'

export interface SuspectJournalOptions {
  /** Where the note is kept: one worker's own folder, such as that of its checkpoints. */
  readonly folder: string
  readonly logger: Logger
}

/** What is handed out of a batch at once. */
interface Piece extends InHand {
  readonly records: readonly SourceRecord[]
  readonly whole: Whole
  /** Records of the batch that come after these. */
  readonly behind: number
}

interface Whole {
  readonly batch: EventBatch
  /** Pieces that are not yet acknowledged. */
  left: number
}

/** What was in hand at this many ends is handed out alone from the next start on. */
const timesTogether = 2
/** What was in hand at this many ends, at the last two of them alone, is given up. */
const timesMax = 4

/** The source, watched. Its close() takes the note away: the end was clean. */
export function withSuspectJournal(
  source: EventSource,
  options: SuspectJournalOptions,
): EventSource {
  const { logger } = options
  const note = createInHandNote(options.folder)
  /** Set with the first batch: until then the folder may be another worker's, and this start come to nothing. */
  let found: readonly InHand[] | undefined
  /** Of `found`, what lies before no record that was handed out. */
  let unpassed: readonly InHand[] = []
  let pieces: Piece[] = []
  const inHand = new Map<Piece, Promise<void>>()

  function open(): readonly InHand[] {
    makeFolder(options.folder)
    const ranges = note.read()
    if (ranges !== undefined) logger.warn(afterWords(ranges))
    unpassed = ranges ?? []
    return unpassed
  }

  function write(): void {
    const ranges = [...inHand.keys()].map(({ stream, from, to, times }): InHand => {
      return { stream, from, to, times }
    })
    // An end for another reason clears nobody whose turn has not come.
    note.write([...ranges, ...unpassed])
  }

  function give(piece: Piece): EventBatch {
    const { batch } = piece.whole
    let done = (): void => undefined
    inHand.set(piece, new Promise((resolve) => (done = resolve)))
    unpassed = unpassed.filter(({ stream, to }) => stream !== piece.stream || piece.from <= to)
    // What was acknowledged meanwhile leaves the note with the next that comes: one write for each is enough.
    write()
    const isGivenUp = isAlone(piece) && piece.times > timesMax
    return {
      records: isGivenUp ? piece.records.map((one) => suspected(one, logger)) : piece.records,
      ...(batch.assignment && { assignment: batch.assignment }),
      ...(batch.history && { history: { left: batch.history.left + piece.behind } }),
      ...(batch.mark !== undefined && { mark: batch.mark }),
      async ack() {
        inHand.delete(piece)
        // Each piece is a sign of life: the batch as a whole may take longer than the group has patience.
        if (--piece.whole.left === 0) await batch.ack()
        else batch.waiting?.()
        done()
      },
      waiting: () => batch.waiting?.(),
    }
  }

  return {
    ...(source.examine && { examine: source.examine.bind(source) }),
    async readBatch(signal) {
      found ??= open()
      if (pieces.length === 0) {
        const batch = await source.readBatch(signal)
        if (batch === undefined) return undefined
        pieces = piecesOf(batch, found)
      }
      const [next] = pieces as [Piece]
      if (isAlone(next) || [...inHand.keys()].some(isAlone)) {
        await orAborted(Promise.all(inHand.values()), signal)
        if (signal.aborted) return undefined
      }
      pieces = pieces.slice(1)
      return give(next)
    },
    safeToCommit: (positions) => source.safeToCommit?.(positions),
    ...(source.isAssigned && { isAssigned: source.isAssigned.bind(source) }),
    ...(source.ends && { ends: source.ends.bind(source) }),
    lag: () => source.lag(),
    async close() {
      await source.close()
      if (found !== undefined) note.remove()
    },
  }
}

/** Cuts a batch where records begin or cease to be suspect. */
function piecesOf(batch: EventBatch, found: readonly InHand[]): Piece[] {
  const { records } = batch
  const whole: Whole = { batch, left: 0 }
  const timesOf = ({ position: { stream, offset } }: SourceRecord): number => {
    const all = found.filter((one) => one.stream === stream && inside(one, offset))
    return Math.max(0, ...all.map(({ times }) => times))
  }
  const pieces: Piece[] = []
  for (let at = 0; at < records.length; ) {
    const times = timesOf(records[at]!)
    let end = at + 1
    if (times < timesTogether)
      while (end < records.length && timesOf(records[end]!) === times) end++
    const { stream, offset: from } = records[at]!.position
    const to = records[end - 1]!.position.offset
    const some = records.slice(at, end)
    const behind = records.length - end
    pieces.push({ stream, from, to, times: times + 1, records: some, whole, behind })
    at = end
  }
  whole.left = pieces.length
  return pieces
}

function inside({ from, to }: InHand, offset: number): boolean {
  return from <= offset && offset <= to
}

function isAlone({ times }: InHand): boolean {
  return times > timesTogether
}

function afterWords(ranges: readonly InHand[]): string {
  const isAgain = ranges.some(({ times }) => times >= timesTogether)
  return isAgain
    ? 'the last ends were not clean and the same records were in hand: these are handed out one at a time'
    : 'the last end was not clean: should it happen again with the same records in hand, they are looked at one by one'
}

function suspected({ position, key, value }: SourceRecord, logger: Logger): SourceRecord {
  const { stream, offset } = position
  logger.error('a record at which the process has crashed twice goes to the dead letters', {
    stream,
    offset,
  })
  const detail = `worked on in ${timesMax} crashes of the process, in two of them alone`
  return { position, key, value, fault: { reason: 'suspect', detail } }
}

function orAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(() => resolve(), reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
