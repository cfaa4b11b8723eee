// Measures decoding and reading, each against the bare thing it stands on: the Avro library alone, the
// JSON parser alone, a split of the whole text. Prints min and median of rounds that alternate.
// Usage: node dist/test/bench/ingest.js

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import avsc from 'avsc'
import { createFileEventSource } from '../../src/adapters/file/event-source.ts'
import { createDecoder, type RecordForm } from '../../src/consume/decode.ts'
import { mappingDefaults, parseMapping } from '../../src/consume/mapping/spec/spec.ts'
import type { SourceRecord } from '../../src/types.ts'
import { interactionSchema } from '../../src/wire/schemas.ts'

const count = 200_000
const batchRecords = 500
const rounds = 7
const startMs = 1_500_000_000_000
const limits = { recordBytesMax: 65_536, idBytesMax: 256, futureMsMax: 300_000 }
const now = (): number => startMs + 10 ** 10

const events = Array.from({ length: count }, (_, index) => ({
  user: `user-${(index * 7919) % 10_007}`,
  item: `item-${(index * 104_729) % 4_001}`,
  timestamp: startMs + index,
  action: index % 20 === 0 ? 'REMOVE' : 'ADD',
}))

const type = avsc.Type.forSchema(JSON.parse(interactionSchema))
const plain = events.map((event) => type.toBuffer(event))
const frame = Buffer.from([0, 0, 0, 0, 1])
const framed = plain.map((datum) => Buffer.concat([frame, datum]))
const json = events.map((event) => Buffer.from(JSON.stringify(event)))

/** The same events as others write them: nested, with a text for the time and fields that nobody asks for. */
const nested = events.map(({ user, item, timestamp, action }) => ({
  id: 'e-1',
  context: { user: { id: user }, page: { sku: item } },
  sentAt: timestamp,
  type: action === 'ADD' ? 'like' : 'unlike',
}))
const mapped = nested.map((event) => Buffer.from(JSON.stringify(event)))
const mapping = parseMapping({
  ...mappingDefaults,
  columns: 'user=context.user.id,item=context.page.sku,timestamp=sentAt,action=type',
  actions: 'like=add,unlike=remove',
})

type Work = () => number | Promise<number>

function decoding(form: RecordForm, values: readonly Buffer[], spec = parseMapping()): Work {
  const schemaById = async (): Promise<string> => interactionSchema
  const { decode } = createDecoder({ form, now, limits, schemaById, mapping: spec })
  const records: SourceRecord[] = values.map((value, offset) => ({
    position: { stream: 'bench', offset },
    key: null,
    value,
  }))
  return async () => {
    let good = 0
    for (let start = 0; start < records.length; start += batchRecords) {
      for (const one of await decode(records.slice(start, start + batchRecords))) {
        if (one.kind === 'interaction') good++
      }
    }
    return good
  }
}

function reading(input: string): Work {
  const clock = { now: () => 0, sleep: async () => undefined }
  const { decode } = createDecoder({ form: 'json', now, limits })
  const never = new AbortController().signal
  return async () => {
    const more = { recordBytesMax: limits.recordBytesMax, batchRecordsMax: batchRecords, clock }
    const source = createFileEventSource({ input, ...more })
    let good = 0
    for (let batch = await source.readBatch(never); batch; batch = await source.readBatch(never)) {
      for (const one of await decode(batch.records)) if (one.kind === 'interaction') good++
      await batch.ack()
    }
    await source.close()
    return good
  }
}

const root = mkdtempSync(join(tmpdir(), 'neupr-bench-'))
const file = join(root, 'events.tsv')
writeFileSync(
  file,
  events.map(({ user, item, timestamp }) => `${user}\t${item}\t${timestamp}\n`).join(''),
)

const split: Work = () => {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
  return rows.filter((row) => row.length === 3 && Number(row[2]) > 0).length
}
const bareAvro: Work = () =>
  plain.reduce((sum, datum) => sum + (type.fromBuffer(datum).user ? 1 : 0), 0)
const bareJson: Work = () =>
  json.reduce((sum, text) => sum + (JSON.parse(text.toString()).user ? 1 : 0), 0)

const cases: readonly (readonly [string, Work, string, Work])[] = [
  ['decode plain Avro', decoding('avro', plain), 'avsc alone', bareAvro],
  ['decode Confluent frames', decoding('confluent', framed), 'avsc alone', bareAvro],
  ['decode JSON', decoding('json', json), 'JSON.parse alone', bareJson],
  ['decode mapped JSON', decoding('json', mapped, mapping), 'plain JSON', decoding('json', json)],
  ['read and decode TSV', reading(file), 'split of the whole text', split],
]

async function millis(work: Work): Promise<number> {
  const start = performance.now()
  const done = await work()
  if (done !== count) throw new Error(`${done} events came through, expected ${count}`)
  return performance.now() - start
}

function shown(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b)
  const rate = (ms: number): string => Math.round((count / ms) * 1_000).toLocaleString('en-US')
  return `best ${rate(sorted[0]!)}/s, median ${rate(sorted[sorted.length >> 1]!)}/s`
}

for (const [name, ours, against, bare] of cases) {
  await millis(ours)
  await millis(bare)
  const ourTimes: number[] = []
  const bareTimes: number[] = []
  for (let round = 0; round < rounds; round++) {
    ourTimes.push(await millis(ours))
    bareTimes.push(await millis(bare))
  }
  console.log(`${name}: ${shown(ourTimes)}; ${against}: ${shown(bareTimes)}`)
}
rmSync(root, { recursive: true })
