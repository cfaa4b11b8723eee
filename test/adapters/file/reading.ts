// Reads whole files through the file source and the decoder, for the tests of both.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import type { FileSourceOptions } from '../../../src/adapters/file/all-streams.ts'
import { createFileEventSource } from '../../../src/adapters/file/event-source.ts'
import { createDecoder } from '../../../src/consume/decode.ts'
import {
  type MappingSettings,
  type MappingSpec,
  mappingDefaults,
  parseMapping,
} from '../../../src/consume/mapping/spec/spec.ts'
import type { DeadLetter, Decoded, SourceRecord } from '../../../src/types.ts'
import { idleClock } from './clocks.ts'

export const nowMs = 1_700_000_000_000

/** A folder of its own for each test. */
export function temporary(t: TestContext): (name: string, content?: string | Uint8Array) => string {
  const root = mkdtempSync(join(tmpdir(), 'neupr-file-'))
  t.after(() => rmSync(root, { recursive: true }))
  return (name, content) => {
    const path = join(root, name)
    if (content !== undefined) writeFileSync(path, content)
    return path
  }
}

/** Options of a source that reads as these settings say. */
export function mappingOf(settings: Partial<MappingSettings>): { readonly mapping: MappingSpec } {
  return { mapping: parseMapping({ ...mappingDefaults, ...settings }) }
}

export interface Read {
  readonly records: readonly SourceRecord[]
  readonly decoded: readonly Decoded[]
  /** `user item timestamp action` of each interaction. */
  readonly events: readonly string[]
  /** `line reason` of each dead letter. */
  readonly dead: readonly string[]
  readonly letters: readonly DeadLetter[]
}

export async function readAll(input: string, more: Partial<FileSourceOptions> = {}): Promise<Read> {
  const source = createFileEventSource({
    input,
    recordBytesMax: 65_536,
    batchRecordsMax: 7,
    clock: idleClock,
    latestMs: () => nowMs + 300_000,
    ...more,
  })
  const limits = { recordBytesMax: 65_536, idBytesMax: 256, futureMsMax: 300_000 }
  const { mapping = parseMapping() } = more
  const { decode } = createDecoder({ form: 'json', now: () => nowMs, limits, mapping })
  const never = new AbortController().signal
  const records: SourceRecord[] = []
  const decoded: Decoded[] = []
  for (let batch = await source.readBatch(never); batch; batch = await source.readBatch(never)) {
    records.push(...batch.records)
    decoded.push(...(await decode(batch.records)))
    await batch.ack()
  }
  await source.close()
  return { records, decoded, ...summed(records, decoded) }
}

function summed(
  records: readonly SourceRecord[],
  decoded: readonly Decoded[],
): Pick<Read, 'events' | 'dead' | 'letters'> {
  const events: string[] = []
  const letters: DeadLetter[] = []
  decoded.forEach((one, index) => {
    const { position, key, value } = records[index]!
    if (one.kind === 'interaction') {
      const { user, item, timestamp, action } = one.interaction
      events.push(`${user} ${item} ${timestamp} ${action}`)
    } else if (one.kind === 'interactions') {
      for (const { user, item, timestamp, action } of one.interactions) {
        events.push(`${user} ${item} ${timestamp} ${action}`)
      }
    } else if (one.kind === 'dead') letters.push({ fault: one.fault, position, key, value })
  })
  const dead = letters.map(({ fault, position }) => `${position.offset + 1} ${fault.reason}`)
  return { events, letters, dead }
}

export function folderOf(path: string): string {
  return dirname(path)
}
