// The file adapters keep the contracts of their ports.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createFileDeadLetterSink,
  type DeadLetterLine,
} from '../../../src/adapters/file/dead-letter-sink.ts'
import { createFileEventSource } from '../../../src/adapters/file/event-source.ts'
import { createFileListSink } from '../../../src/adapters/file/list-sink.ts'
import type { DeadLetter, DeadLetterReason, OutRecord } from '../../../src/types.ts'
import { deadLetterSinkContract } from '../../contracts/dead-letter-sink.ts'
import { eventSourceContract } from '../../contracts/event-source.ts'
import { listSinkContract } from '../../contracts/list-sink.ts'
import { idleClock } from './clocks.ts'

function folder(): { path: (name: string) => string; clean: () => Promise<void> } {
  const root = mkdtempSync(join(tmpdir(), 'neupr-file-'))
  return {
    path: (name) => join(root, name),
    clean: async () => rmSync(root, { recursive: true }),
  }
}

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
}

eventSourceContract('file', async (values, options) => {
  const { path, clean } = folder()
  const input = path('events.ndjson')
  writeFileSync(input, values.map((value) => `${value}\n`).join(''))
  const common = { input, recordBytesMax: 65_536, clock: idleClock, ...options }
  return {
    source: createFileEventSource(common),
    restart: async (from) => createFileEventSource({ ...common, from }),
    clean,
  }
})

listSinkContract('file', async () => {
  const { path, clean } = folder()
  const out = path('deep/lists.ndjson')
  const open = (): ReturnType<typeof createFileListSink> => createFileListSink({ path: out })
  return {
    sink: open(),
    reopen: async () => open(),
    written: async () => linesOf(out).map(outRecord),
    clean,
  }
})

function outRecord(line: string): OutRecord {
  const { user, forgotten } = JSON.parse(line) as { user: string; forgotten?: boolean }
  return { key: user, value: forgotten ? null : Buffer.from(line) }
}

deadLetterSinkContract('file', async () => {
  const { path, clean } = folder()
  const out = path('dead.ndjson')
  return {
    sink: createFileDeadLetterSink({ path: out }),
    written: async () => linesOf(out).map((line) => letterOf(JSON.parse(line))),
    clean,
  }
})

function letterOf(line: DeadLetterLine): DeadLetter {
  return {
    fault: { reason: line.reason as DeadLetterReason, detail: line.detail },
    position: { stream: line.stream, offset: line.offset },
    key: line.key === '' ? null : line.key,
    value: line.tombstone ? null : Buffer.from(line.value, 'base64'),
  }
}
