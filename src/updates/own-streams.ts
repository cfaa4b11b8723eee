// The streams of the input that one worker learns: how far it has learned each, and what of that it has appended.

import type { Ledger } from './ledger.ts'
import type { LearnedRange, UpdateRecord } from './record.ts'

export interface OwnStreams {
  /** Streams that are learned here. */
  readonly names: Iterable<string>
  has(stream: string): boolean
  /** Which time it is that the stream is learned here: no two have the same. Undefined: it is not. */
  termOf(stream: string): number | undefined
  /** Whether a record of the input is to be learned: the stream is learned here, and not so far yet. */
  takes(stream: string, offset: number): boolean
  /** The worker learns a stream that it owns from where the ledger says; if it does already, that goes on. */
  begin(stream: string): void
  /** All that was done and does not stand in the log is to be appended again. */
  rewind(): void
  /** No stream is learned any more. */
  release(): void
  done(stream: string, nextOffset: number): void
  /** What was done since the last call. */
  take(): LearnedRange[]
  /** Others may have claimed streams. Returns whether something was learned of one that was not taken yet. */
  giveUp(record: Pick<UpdateRecord, 'claims'>): boolean
}

export function createOwnStreams(ledger: Ledger, author: string): OwnStreams {
  const streams = new Map<string, { readonly term: number; taken: number; done: number }>()
  let terms = 0
  const owns = (stream: string): boolean => ledger.streamOf(stream)?.owner === author

  return {
    get names() {
      return streams.keys()
    },
    has: (stream) => streams.has(stream),
    termOf: (stream) => streams.get(stream)?.term,
    takes(stream, offset) {
      const own = streams.get(stream)
      return own !== undefined && offset >= own.done
    },
    begin(stream) {
      if (streams.has(stream)) return
      const { position } = ledger.streamOf(stream)!
      streams.set(stream, { term: ++terms, taken: position, done: position })
    },
    rewind() {
      for (const [stream, own] of streams) own.taken = ledger.streamOf(stream)!.position
    },
    release: () => streams.clear(),
    done(stream, nextOffset) {
      const own = streams.get(stream)
      if (own === undefined) throw new RangeError(`${stream} is not learned here`)
      own.done = Math.max(own.done, nextOffset)
    },
    take() {
      const learned: LearnedRange[] = []
      for (const [stream, own] of streams) {
        if (own.done === own.taken) continue
        learned.push({ stream, from: own.taken, to: own.done })
        own.taken = own.done
      }
      return learned
    },
    giveUp({ claims }) {
      let isLost = false
      for (const { stream } of claims) {
        const own = streams.get(stream)
        if (own === undefined || owns(stream)) continue
        if (own.done !== own.taken) isLost = true
        streams.delete(stream)
      }
      return isLost
    },
  }
}
