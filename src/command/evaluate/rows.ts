// Rows for the offline protocols, read through the file source. Times only have to be in order: a
// column that counts positions is as good as one of clock times, so the rules of live events are not applied.

import { readChunks, unpacked } from '../../adapters/file/chunks.ts'
import { createFileEventSource } from '../../adapters/file/event-source.ts'
import { parseTime } from '../../consume/decode-text.ts'
import { Failure } from '../../errors.ts'
import type { HeldOut, Row } from '../../lab/offline/leave-one-out.ts'
import type { SourceRecord } from '../../types.ts'

const recordBytesMax = 65_536

/** `leftOut` counts lines that are no additions with user, item and time; blank ones are not counted. */
export async function readRows(
  input: string,
  elapsedMs: () => number,
): Promise<{ readonly rows: readonly Row[]; readonly leftOut: number }> {
  const source = createFileEventSource({
    input,
    recordBytesMax,
    batchRecordsMax: 10_000,
    clock: { now: elapsedMs, sleep: async () => undefined },
  })
  const rows: Row[] = []
  let leftOut = 0
  const { signal } = new AbortController()
  try {
    for (
      let batch = await source.readBatch(signal);
      batch;
      batch = await source.readBatch(signal)
    ) {
      for (const record of batch.records) {
        const row = rowOf(record)
        if (row === 'left out') leftOut++
        else if (row !== 'blank') rows.push(row)
      }
      await batch.ack()
    }
  } finally {
    await source.close()
  }
  if (rows.length === 0) throw new Failure('SOURCE_UNREADABLE', `${input}: no event could be read`)
  return { rows, leftOut }
}

function rowOf({ fields, fault, value }: SourceRecord): Row | 'left out' | 'blank' {
  if (fault !== undefined || value === null) return 'left out'
  if (fields !== undefined && Object.keys(fields).length === 0) return 'blank'
  const { user, item, action, timestamp, timestamp_s } = fields ?? jsonFields(value)
  const time = parseTime(timestamp ?? timestamp_s ?? '', timestamp === undefined)
  const adds = action === undefined || action === '' || action === 'ADD'
  if (!user || !item || !adds || Number.isNaN(time)) return 'left out'
  return { user, item, timestamp: time }
}

function jsonFields(value: Uint8Array): Readonly<Record<string, string>> {
  const { buffer, byteOffset, length } = value
  try {
    const parsed: unknown = JSON.parse(Buffer.from(buffer, byteOffset, length).toString('utf8'))
    const entries = Object.entries((parsed ?? {}) as object)
    return Object.fromEntries(entries.map(([name, field]) => [name, String(field)]))
  } catch (cause) {
    if (cause instanceof SyntaxError) return {}
    throw cause
  }
}

/** Lines of user, item, time, rating, then the negatives, tab separated, plain or gzip. */
export async function readHeldOut(path: string): Promise<HeldOut[]> {
  const chunks: Buffer[] = []
  for await (const chunk of unpacked(readChunks(path))) chunks.push(chunk)
  const lines = Buffer.concat(chunks).toString('utf8').split(/\r?\n/)
  return lines.flatMap((line, number) => {
    if (line.trim() === '') return []
    const [user = '', item = '', time = '', , ...negatives] = line.split('\t')
    const timestamp = parseTime(time, true)
    if (negatives.length === 0 || Number.isNaN(timestamp)) {
      const message = `${path}:${number + 1}: expected user, item, time, rating and negatives`
      throw new Failure('SOURCE_UNREADABLE', `${message}, separated by tabs`)
    }
    return [{ user, item, timestamp, negatives }]
  })
}
