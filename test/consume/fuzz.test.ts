// Bytes of every kind through the decoder of every form: nothing throws, nothing takes long, nothing
// grows, and what comes out keeps the rules. Seeded, so a failure is one to look at again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createDecoder, type RecordForm } from '../../src/consume/decode.ts'
import { type Decoded, deadLetterReasons } from '../../src/types.ts'
import { interactionSchema } from '../../src/wire/schemas.ts'
import { avro, columns, framed, good, limits, nowMs, record } from './inputs.ts'

/** For one record; the best of some tries counts, since other work shares the machine. */
const decodeMsMax = 50
const tries = 3

const seeds: Readonly<Record<RecordForm, readonly Buffer[]>> = {
  avro: [avro(), avro({ action: 'REMOVE', user: '推薦🎧', item: 'x'.repeat(200) })],
  confluent: [framed(1, avro()), framed(2, avro()), framed(3, avro()), framed(4, avro())],
  json: [
    Buffer.from(JSON.stringify(good)),
    Buffer.from('{"user":"\\u00e9","item":"i","timestamp":1.5e12}'),
  ],
}

/** One with an ignored field between ours, one refused, one that is no schema. */
const schemas: Readonly<Record<number, string>> = {
  1: interactionSchema,
  2: interactionSchema.replace(
    '"fields": [',
    '"fields": [{"name":"more","type":["null","string",{"type":"fixed","name":"F","size":1000}]},',
  ),
  3: interactionSchema.replace(
    '"fields": [',
    '"fields": [{"name":"more","type":{"type":"array","items":"null"}},',
  ),
  4: '{"type":',
}

type Change = readonly [kind: number, at: number, byte: number]

/** Flips, cuts, drops, inserts and repeats: what a broken writer or wire does. */
function mutate(bytes: Buffer, changes: readonly Change[]): Buffer {
  let result = bytes
  for (const [kind, where, byte] of changes) {
    const at = where % (result.length + 1)
    const head = result.subarray(0, at)
    const tail = result.subarray(at)
    if (kind === 0) result = Buffer.concat([head, Buffer.from([byte]), tail.subarray(1)])
    else if (kind === 1) result = Buffer.from(head)
    else if (kind === 2) result = Buffer.concat([head, tail.subarray(1)])
    else if (kind === 3) result = Buffer.concat([head, Buffer.alloc(1 + (byte % 12), byte), tail])
    else result = Buffer.concat([head, tail, tail])
  }
  return result.subarray(0, 5_000)
}

function keepsTheRules(decoded: Decoded): void {
  if (decoded.kind === 'dead') {
    assert.ok(deadLetterReasons.includes(decoded.fault.reason))
    assert.ok(decoded.fault.detail.length > 0 && decoded.fault.detail.length < 400)
  } else if (decoded.kind === 'interaction') {
    const { user, item, timestamp, action } = decoded.interaction
    for (const id of [user, item]) {
      const bytes = Buffer.from(id)
      assert.ok(bytes.length >= 1 && bytes.length <= limits.idBytesMax)
      assert.equal(bytes.toString(), id)
    }
    assert.ok(Number.isSafeInteger(timestamp) && timestamp > 0)
    assert.ok(timestamp <= nowMs + limits.futureMsMax)
    assert.ok(action === 'ADD' || action === 'REMOVE')
  } else assert.equal(decoded.kind, 'skip')
}

const change = fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 5_000 }), fc.nat({ max: 255 }))

for (const form of ['avro', 'confluent', 'json'] as const) {
  test(`${form}: no bytes throw, stall or break the rules`, async () => {
    const schemaById = async (id: number): Promise<string | undefined> => schemas[id]
    const { decode } = createDecoder({ form, now: () => nowMs, limits, schemaById })
    const mutated = fc
      .tuple(fc.constantFrom(...seeds[form]), fc.array(change, { maxLength: 4 }))
      .map(([seed, changes]) => mutate(seed, changes))
    const bytes = fc.oneof(mutated, fc.uint8Array({ maxLength: 300 }).map(Buffer.from))
    // The first decoding compiles.
    await decode(seeds[form].map((seed) => record(seed)))
    await fc.assert(
      fc.asyncProperty(bytes, async (value) => {
        const times: number[] = []
        do {
          const before = performance.now()
          const [decoded] = await decode([record(value)])
          times.push(performance.now() - before)
          keepsTheRules(decoded!)
        } while (times.at(-1)! >= decodeMsMax && times.length < tries)
        assert.ok(Math.min(...times) < decodeMsMax)
      }),
      { seed: 11, numRuns: 1_500 },
    )
  })
}

test('columns: no text throws or breaks the rules', async () => {
  const { decode } = createDecoder({ form: 'json', now: () => nowMs, limits })
  const cell = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      '',
      'u',
      '1500000000',
      '1500000000000',
      '-0',
      '1e9',
      '2020-01-01',
      'ADD',
      '__proto__',
    ),
  )
  const names = fc.constantFrom('user', 'item', 'timestamp', 'rating', 'action', 'other')
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, cell), async (fields) => {
      const [decoded] = await decode([columns(fields)])
      keepsTheRules(decoded!)
    }),
    { seed: 12, numRuns: 1_500 },
  )
})

test('bombs are defused: memory stays where it was', async () => {
  const schemaById = async (id: number): Promise<string | undefined> => schemas[id]
  const { decode } = createDecoder({ form: 'confluent', now: () => nowMs, limits, schemaById })
  // 4·10^8 entries without a byte behind them, 10^10 to skip, and a string of 2^40 bytes.
  const bombs = ['80a0d0fa02', '8090dfc04a', '808080808040'].map((hex) => Buffer.from(hex, 'hex'))
  const records = [1, 2, 3].flatMap((id) => bombs.map((bomb) => record(framed(id, bomb))))
  await decode(records)
  const before = process.memoryUsage().rss
  for (let round = 0; round < 1_000; round++) {
    for (const decoded of await decode(records)) assert.equal(decoded.kind, 'dead')
  }
  const grown = process.memoryUsage().rss - before
  assert.ok(grown < 200_000_000, `${grown} bytes more`)
})
