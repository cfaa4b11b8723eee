// Lists into an array, in the order written.

import type { ListSink } from '../../../src/ports/sinks.ts'
import type { OutRecord } from '../../../src/types.ts'

export interface MemoryListSink extends ListSink {
  readonly records: readonly OutRecord[]
}

export function createMemoryListSink(): MemoryListSink {
  const kept: OutRecord[] = []
  return {
    records: kept,
    async write(records) {
      for (const record of records) kept.push(record)
    },
    async close() {
      // Nothing is held but the array, which stays readable.
    },
  }
}
