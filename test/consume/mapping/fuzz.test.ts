// Mappings of every kind over bytes of every kind: nothing throws, nothing takes long, ids keep their rules, and no
// time is believed that is not one since 1990. Seeded, so a failure is one to look at again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import avsc from 'avsc'
import fc from 'fast-check'
import { createDecoder } from '../../../src/consume/decode.ts'
import { readCells } from '../../../src/consume/mapping/detect/read-cells.ts'
import { readValues } from '../../../src/consume/mapping/detect/read-values.ts'
import { parsePath } from '../../../src/consume/mapping/spec/path.ts'
import { mappingDefaults, parseMapping } from '../../../src/consume/mapping/spec/spec.ts'
import type { Decoded, SourceRecord } from '../../../src/types.ts'
import { earliestMs } from '../../../src/wire/logical.ts'
import { framed, limits, nowMs, record } from '../inputs.ts'
import { instants, names, object, path, settings } from './anything.ts'

const latest = nowMs + limits.futureMsMax
/** For one record; the best of some tries counts, since other work shares the machine. */
const decodeMsMax = 100
const tries = 3

function keepsTheRules(decoded: Decoded): void {
  if (decoded.kind === 'dead') assert.ok(decoded.fault.detail.length < 700, decoded.fault.detail)
  const events =
    decoded.kind === 'interaction'
      ? [decoded.interaction]
      : decoded.kind === 'interactions'
        ? decoded.interactions
        : []
  assert.ok(events.length <= 50)
  for (const { user, item, timestamp, action } of events) {
    for (const id of [user, item]) {
      const bytes = Buffer.byteLength(id)
      assert.ok(typeof id === 'string' && bytes >= 1 && bytes <= limits.idBytesMax)
    }
    assert.ok(Number.isSafeInteger(timestamp), `${timestamp}`)
    assert.ok(timestamp >= earliestMs && timestamp <= latest, `${timestamp}`)
    assert.ok(action === 'ADD' || action === 'REMOVE')
  }
}

function beside(value: Uint8Array | null, key: string | null): SourceRecord {
  return { ...record(value, key), timestamp: nowMs, headers: { h: 'header' } }
}

async function withinTime(msMax: number, work: () => Promise<void>): Promise<void> {
  const times: number[] = []
  do {
    const before = performance.now()
    await work()
    times.push(performance.now() - before)
  } while (times.at(-1)! >= msMax && times.length < tries)
  assert.ok(Math.min(...times) < msMax, `${times.join(', ')} ms`)
}

test('JSON: no mapping and no bytes throw, stall or let a time through that is none', async () => {
  const bytes = fc.oneof(
    { weight: 5, arbitrary: object.map((value) => Buffer.from(JSON.stringify(value) ?? '')) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some)) },
    { weight: 1, arbitrary: fc.constant(null) },
  )
  const keys = fc.oneof(
    fc.constant(null),
    fc.string(),
    object.map((value) => JSON.stringify(value)),
  )
  await fc.assert(
    fc.asyncProperty(
      settings,
      fc.array(fc.tuple(bytes, keys), { maxLength: 5 }),
      async (told, some) => {
        let mapping: ReturnType<typeof parseMapping>
        try {
          mapping = parseMapping({ ...mappingDefaults, ...told, elementsMax: 50 })
          createDecoder({ form: 'json', now: () => nowMs, limits, mapping })
        } catch (error) {
          assert.match((error as Error).message, /columns/)
          return
        }
        const { decode } = createDecoder({ form: 'json', now: () => nowMs, limits, mapping })
        await withinTime(decodeMsMax * 10, async () => {
          const decoded = await decode(some.map(([value, key]) => beside(value, key)))
          decoded.forEach(keepsTheRules)
        })
      },
    ),
    { seed: 21, numRuns: 1_000 },
  )
})

test('Avro: no schema with arrays, maps and unions, and no bytes, throw or stall', async () => {
  const primitive = fc.constantFrom<unknown>(
    'null',
    'long',
    'int',
    'double',
    'string',
    'bytes',
    'boolean',
  )
  const time = { type: 'long', logicalType: 'timestamp-micros' }
  const types = fc.oneof(
    primitive,
    fc.constant(time),
    primitive.map((items) => ({ type: 'array', items })),
    primitive.map((values) => ({ type: 'map', values })),
    fc.constant(['null', 'string', 'long', { type: 'array', items: 'null' }]),
  )
  const schemas = fc.uniqueArray(
    fc.tuple(fc.constantFrom('user', 'item', 'timestamp', 'a', 'b'), types),
    {
      selector: ([name]) => name,
      minLength: 3,
    },
  )
  await fc.assert(
    fc.asyncProperty(
      schemas,
      fc.uint8Array({ maxLength: 80 }),
      fc.nat(),
      async (fields, some, seed) => {
        const schema = {
          type: 'record',
          name: 'R',
          fields: fields.map(([name, type]) => ({ name, type })),
        }
        const good = avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: true })
        const datum = seed % 2 === 0 ? Buffer.from(some) : good.toBuffer(good.random())
        const schemaById = async (): Promise<string> => JSON.stringify(schema)
        const { decode } = createDecoder({
          form: 'confluent',
          now: () => nowMs,
          limits,
          schemaById,
        })
        await decode([record(framed(1, Buffer.alloc(0)))])
        await withinTime(decodeMsMax, async () => {
          const [decoded] = await decode([record(framed(1, datum.subarray(0, 4_000)))])
          keepsTheRules(decoded!)
        })
      },
    ),
    { seed: 22, numRuns: 600 },
  )
})

test('the reading of any rows and any values ends, with events that keep the rules', () => {
  const cell = fc.oneof(fc.string({ maxLength: 20 }), instants.map(String), names)
  const spec = parseMapping()
  fc.assert(
    fc.property(fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 20 }), (rows) => {
      const reading = readCells(rows, spec, latest)
      for (const interaction of reading.samples) keepsTheRules({ kind: 'interaction', interaction })
      assert.ok(reading.refusal === undefined || reading.refusal.flag.startsWith('--'))
    }),
    { seed: 23, numRuns: 800 },
  )
  fc.assert(
    fc.property(fc.array(object, { maxLength: 20 }), (values) => {
      const reading = readValues(
        values.map((value) => ({ value, record: beside(null, null) })),
        spec,
        latest,
      )
      for (const interaction of reading.samples) keepsTheRules({ kind: 'interaction', interaction })
    }),
    { seed: 24, numRuns: 400 },
  )
})

test('any text is a path or a sentence that says why not', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 60 }), path), (text) => {
      const parsed = parsePath(text)
      if (typeof parsed !== 'string') assert.ok(parsed.alternatives.length > 0)
    }),
    { seed: 25, numRuns: 2_000 },
  )
})
