// The streams of the input that one worker learns: how far it has learned each, and what of that it has appended.

import type { Ledger } from './ledger.ts'
import type { LearnedRange, UpdateRecord } from './record.ts'

export interface OwnStreams {
  owns(stream: string): boolean
  /** Of these streams those that the worker owns go on where the ledger says. */
  begin(streams: Iterable<string>): void
  /** All that the worker owns do. */
  beginAll(): void
  done(stream: string, nextOffset: number): void
  /** What was done since the last call. */
  take(): LearnedRange[]
  /** Others may have claimed streams. Returns whether something was learned of one that was not taken yet. */
  giveUp(record: Pick<UpdateRecord, 'claims'>): boolean
}

export function createOwnStreams(ledger: Ledger, author: string): OwnStreams {
  const streams = new Map<string, { taken: number; done: number }>()
  const owns = (stream: string): boolean => ledger.streamOf(stream)?.owner === author

  function begin(of: Iterable<string>): void {
    for (const stream of of) {
      if (!owns(stream)) continue
      const { position } = ledger.streamOf(stream)!
      streams.set(stream, { taken: position, done: position })
    }
  }

  return {
    owns,
    begin,
    beginAll: () => begin([...streams.keys()]),
    done(stream, nextOffset) {
      const own = streams.get(stream)
      if (own === undefined) throw new RangeError(`${stream} is not learned here`)
      own.done = nextOffset
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
