// Records from an array; for tests and for worlds that are made up. Keeps what was acknowledged.

import type { EventSource } from '../../../src/ports/event-source.ts'
import type { SourceRecord } from '../../../src/types.ts'

export interface MemoryEventSource extends EventSource {
  /** Per stream the offset after the last acknowledged record. */
  readonly acknowledged: ReadonlyMap<string, number>
}

export interface MemorySourceOptions {
  /** In the order in which they are given; a batch ends where the stream changes. */
  readonly records: readonly SourceRecord[]
  readonly batchRecordsMax: number
  /** Batches given and not yet acknowledged; default 64. */
  readonly unackedBatchesMax?: number
}

export function createMemoryEventSource(options: MemorySourceOptions): MemoryEventSource {
  const { records, batchRecordsMax, unackedBatchesMax = 64 } = options
  const acknowledged = new Map<string, number>()
  let next = 0
  let unacked = 0
  let closed = false
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const one of waiting) one()
  }

  async function room(signal: AbortSignal): Promise<void> {
    while (unacked >= unackedBatchesMax && !signal.aborted && !closed) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          waiting.delete(done)
          signal.removeEventListener('abort', done)
          resolve()
        }
        waiting.add(done)
        signal.addEventListener('abort', done)
      })
    }
  }

  return {
    acknowledged,
    async readBatch(signal) {
      await room(signal)
      const first = records[next]
      if (first === undefined || signal.aborted || closed) return undefined
      const { stream } = first.position
      let end = next + 1
      while (end < next + batchRecordsMax && records[end]?.position.stream === stream) end++
      const some = records.slice(next, end)
      next = end
      unacked++
      let open = true
      return {
        records: some,
        async ack() {
          if (!open) return
          open = false
          unacked--
          acknowledged.set(stream, some[some.length - 1]!.position.offset + 1)
          wake()
        },
      }
    },
    lag: () => records.length - next,
    async close() {
      closed = true
      wake()
    },
  }
}
