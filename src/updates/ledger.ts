// Which records of the update log count: the same answer for everyone who has read the log up to the same place. A
// stream of the input has one owner, the last author whose claim of it counted, and a position, up to which it has
// been learned. A record counts if its author owns every stream that it has learned from and begins where learning
// stands there; else all of it is passed over. So a worker that has lost a stream without knowing it cannot teach the
// group anything, no event is learned twice, and none is left out but where a claim says so.

import type { Claim, LearnedRange, UpdateRecord } from './record.ts'

/** Why a record is passed over: it was read before; its author does not own a stream; it does not begin there. */
export type PassedOver = 'repeated' | 'not_owner' | 'out_of_order'

export interface StreamState {
  readonly owner: string
  readonly epoch: number
  /** Offset of the first record of the input that has not been learned. */
  readonly position: number
}

export interface Verdict {
  readonly passedOver?: PassedOver
  /** Records of the input that a claim has left out: nobody learns them. */
  readonly leftOut: number
}

/** The ledger as plain JSON. */
export interface SavedLedger {
  readonly records: number
  /** Left out by versions that did not count it. */
  readonly learned?: number
  readonly streams: readonly (readonly [stream: string, state: StreamState])[]
  /** Of each author the newest record; who has written last is the last. */
  readonly authors: readonly (readonly [author: string, sequence: number])[]
}

export interface Ledger {
  /** Records read so far. */
  readonly records: number
  /** Records of the input that those which count have learned. */
  readonly learned: number
  streamOf(stream: string): StreamState | undefined
  readonly streams: Iterable<readonly [stream: string, state: StreamState]>
  save(): SavedLedger
  restore(saved: SavedLedger): void
  /** Takes the next record of the log. */
  read(record: Pick<UpdateRecord, 'author' | 'sequence' | 'claims' | 'learned'>): Verdict
}

/** An author is forgotten once this many others have written after it: none of its records can still be under way. */
const authorsMax = 1_024

export function createLedger(): Ledger {
  const streams = new Map<string, StreamState>()
  /** Of each author the newest record; who has written last is the last. */
  const sequences = new Map<string, number>()
  let records = 0
  let learned = 0

  function note(author: string, sequence: number): void {
    sequences.delete(author)
    sequences.set(author, sequence)
    const [oldest] = sequences.keys()
    if (sequences.size > authorsMax) sequences.delete(oldest!)
  }

  function fault(author: string, learned: readonly LearnedRange[]): PassedOver | undefined {
    for (const { stream, from } of learned) {
      const state = streams.get(stream)
      if (state?.owner !== author) return 'not_owner'
      if (from !== state.position) return 'out_of_order'
    }
    return undefined
  }

  /** Returns how many records of the input are left out. */
  function claim(author: string, { stream, epoch, from }: Claim): number {
    const before = streams.get(stream)
    if (epoch !== (before?.epoch ?? 0) + 1) return 0
    const position = Math.max(before?.position ?? from, from)
    streams.set(stream, { owner: author, epoch, position })
    return before === undefined ? 0 : position - before.position
  }

  return {
    get records() {
      return records
    },
    get learned() {
      return learned
    },
    streamOf: (stream) => streams.get(stream),
    get streams() {
      return streams.entries()
    },
    save: () => ({ records, learned, streams: [...streams], authors: [...sequences] }),
    restore(saved) {
      records = saved.records
      // Where it is not known, no more than what stands in the streams.
      learned = saved.learned ?? saved.streams.reduce((sum, [, { position }]) => sum + position, 0)
      streams.clear()
      sequences.clear()
      for (const [stream, state] of saved.streams) streams.set(stream, { ...state })
      for (const [author, sequence] of saved.authors) sequences.set(author, sequence)
    },
    read({ author, sequence, claims, learned: ranges }) {
      records++
      if (sequence <= (sequences.get(author) ?? 0)) return { passedOver: 'repeated', leftOut: 0 }
      note(author, sequence)
      const leftOut = claims.reduce((sum, one) => sum + claim(author, one), 0)
      const passedOver = fault(author, ranges)
      if (passedOver !== undefined) return { passedOver, leftOut }
      for (const { stream, from, to } of ranges) {
        learned += to - from
        streams.set(stream, { ...streams.get(stream)!, position: to })
      }
      return { leftOut }
    },
  }
}
