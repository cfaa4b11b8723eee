// The trainer's side of a group without any learning: it keeps the ledger, and knows how far each of its streams was
// learned. What it gives are real records of the update log.

import type { GroupLearning } from '../../../src/ports/trainer.ts'
import type { GroupState } from '../../../src/requests.ts'
import { encodeUpdate, headOf } from '../../../src/updates/encode.ts'
import { createLedger } from '../../../src/updates/ledger.ts'
import type { Claim, LearnedRange } from '../../../src/updates/record.ts'

export interface LedgerGroup extends GroupLearning {
  /** Learns `events` more events of the stream, if it is owned and not released. */
  learn(stream: string, events: number): void
  /** The newest state. */
  readonly state: GroupState | undefined
}

export function createLedgerGroup(author: string): LedgerGroup {
  const ledger = createLedger()
  const streams = new Map<string, { taken: number; done: number }>()
  let sequence = 0
  let state: GroupState | undefined
  let next = 0

  function record(claims: readonly Claim[], learned: readonly LearnedRange[], name = 'item') {
    const events = {
      items: Int32Array.of(0),
      historyStart: Int32Array.of(0, 0),
      historyItems: new Int32Array(0),
      weights: new Float32Array(0),
    }
    return encodeUpdate({
      ...{ author, claims, learned, events, names: [name], moved: [], sequence: ++sequence },
    })
  }

  const owned = () => [...streams.keys()].filter((one) => ledger.streamOf(one)?.owner === author)

  return {
    get state() {
      return state
    },
    learn(stream, events) {
      const own = streams.get(stream)
      if (own !== undefined && owned().includes(stream)) own.done += events
    },
    async read({ records }) {
      const verdicts = records.map(({ offset, bytes }) => {
        next = offset + 1
        const head = headOf(bytes)
        const { passedOver, leftOut } = ledger.read(head)
        for (const { stream } of head.claims) {
          if (ledger.streamOf(stream)!.owner !== author) streams.delete(stream)
          else if (head.author === author) {
            const { position } = ledger.streamOf(stream)!
            streams.set(stream, { taken: position, done: position })
          }
        }
        const why = passedOver === undefined ? {} : { passedOver }
        return { author: head.author, sequence: head.sequence, leftOut, events: 1, ...why }
      })
      const standing = owned().map((one) => [one, ledger.streamOf(one)!.position] as const)
      state = {
        ...{ verdicts, next, learned: ledger.learned, pending: 0, isLost: false, unknownItems: 0 },
        ...{ owned: standing, streams: standing.map(([one, at]) => [one, at, author] as const) },
      }
      return state
    },
    async take(releases = false) {
      const learned = [...streams].flatMap(([stream, own]) => {
        if (own.done === own.taken) return []
        const range = { stream, from: own.taken, to: own.done }
        own.taken = own.done
        return [range]
      })
      if (releases) streams.clear()
      return learned.length === 0 ? [] : [record([], learned)]
    },
    async claim(wanted) {
      const claims = wanted.map((stream) => {
        return { stream, epoch: (ledger.streamOf(stream)?.epoch ?? 0) + 1, from: 0 }
      })
      return record(claims, [])
    },
  }
}
