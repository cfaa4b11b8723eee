// Workers with an update log in memory, for tests of what they read, append and claim.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createRetrying } from '../../../src/app/retry.ts'
import { createExchange, type Exchange } from '../../../src/app/updates/exchange.ts'
import type { ReadCounts } from '../../../src/app/updates/read-counts.ts'
import type { UpdateLog } from '../../../src/ports/update-log.ts'
import { createIds } from '../../../src/remember/ids.ts'
import { keepingLogger, type Line } from '../../adapters/kafka/real-kafka.ts'
import type { MemoryUpdateLog } from '../../adapters/memory/memory-update-log.ts'
import { createLedgerGroup, type LedgerGroup } from './ledger-group.ts'

export const stream = 'events/0'
export const never = new AbortController().signal
export const current = (): boolean => true

export interface Worker {
  readonly exchange: Exchange
  readonly group: LedgerGroup
  readonly reads: ReadCounts[]
  readonly lines: Line[]
  readonly outages: string[]
  readonly stopping: AbortController
  /** Whether the group of readers says that streams are this worker's. */
  holds: boolean
}

export function createWorker(
  t: TestContext,
  log: UpdateLog,
  author: string,
  everyMs = 5,
  ends = async (): Promise<ReadonlyMap<string, number> | undefined> => undefined,
): Worker {
  const group = createLedgerGroup(author)
  const [reads, lines, outages]: [ReadCounts[], Line[], string[]] = [[], [], []]
  const stopping = new AbortController()
  const pause = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal })
  const retrying = createRetrying({
    signal: stopping.signal,
    unit: () => 0,
    pause: (_, signal) => delay(1, undefined, { signal }),
    onOutage: (what, failure) => outages.push(`${what}: ${failure?.code ?? 'works'}`),
  })
  const worker: Worker = {
    ...{ group, reads, lines, outages, stopping, holds: false },
    exchange: createExchange({
      ...{ log, group, author, retrying, pause, everyMs, ends },
      everyEvents: ({ learned }) => (learned < 40_000 ? 50 : 1_000),
      items: createIds(100),
      logger: keepingLogger(lines),
      stopping: stopping.signal,
      holds: () => worker.holds,
      onRead: (counts) => reads.push(counts),
      onAppended: () => undefined,
    }),
  }
  t.after(() => worker.exchange.close())
  return worker
}

export async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    assert.ok(tries < 2_000, `not within 10 s: ${what}`)
    await delay(5)
  }
}

export const positionAt = ({ group }: Worker): number | undefined =>
  group.state?.owned.find(([name]) => name === stream)?.[1]

/** The same log at another worker, which closes only its own end. */
export const endOf = (log: MemoryUpdateLog): UpdateLog => ({ ...log, close: async () => undefined })
