// The memory adapters keep the contracts of their ports.

import type { SourceRecord } from '../../../src/types.ts'
import { deadLetterSinkContract } from '../../contracts/dead-letter-sink.ts'
import { eventSourceContract } from '../../contracts/event-source.ts'
import { listSinkContract } from '../../contracts/list-sink.ts'
import { createMemoryDeadLetterSink } from './memory-dead-letter-sink.ts'
import { createMemoryEventSource } from './memory-event-source.ts'
import { createMemoryListSink } from './memory-list-sink.ts'

const nothing = async (): Promise<void> => undefined

eventSourceContract('memory', async (values, options) => {
  const records: SourceRecord[] = values.map((value, offset) => ({
    position: { stream: 'memory', offset },
    key: null,
    value: Buffer.from(value),
  }))
  return {
    source: createMemoryEventSource({ records, ...options }),
    restart: async (done) => {
      const from = done.get('memory') ?? 0
      return createMemoryEventSource({ records: records.slice(from), ...options })
    },
    clean: nothing,
  }
})

listSinkContract('memory', async () => {
  const sink = createMemoryListSink()
  return { sink, written: async () => [...sink.records], reopen: async () => sink, clean: nothing }
})

deadLetterSinkContract('memory', async () => {
  const sink = createMemoryDeadLetterSink()
  return { sink, written: async () => [...sink.letters], clean: nothing }
})
