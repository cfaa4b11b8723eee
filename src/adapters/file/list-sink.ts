// Lists as lines of JSON in a file or on standard output, appended; the newest line of a user holds.
// Expects lists in their JSON form. A forgotten user is the line {"user":…,"forgotten":true}.

import type { ListSink } from '../../ports/sinks.ts'
import type { OutRecord } from '../../types.ts'
import { type AppendOptions, createAppender } from './append.ts'

export function createFileListSink(options: AppendOptions): ListSink {
  const out = createAppender(options)
  return {
    write: (records) => out.append(Buffer.concat(records.flatMap(lineOf))),
    close: () => out.close(),
  }
}

const newline = Buffer.from('\n')

function lineOf(record: OutRecord): Uint8Array[] {
  if (record.value !== null) return [record.value, newline]
  return [Buffer.from(JSON.stringify({ user: record.key, forgotten: true })), newline]
}
