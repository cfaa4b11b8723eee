// The first records of a topic: told once how they are read, or the topic is refused before anything of it is lost.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDecoder, type Decoder } from '../../src/consume/decode.ts'
import { withFirstLook } from '../../src/consume/first-look.ts'
import type { Reading } from '../../src/consume/mapping/detect/reading.ts'
import { mappingDefaults, parseMapping } from '../../src/consume/mapping/spec/spec.ts'
import { Failure } from '../../src/errors.ts'
import type { SourceRecord } from '../../src/types.ts'
import { limits, nowMs } from './inputs.ts'

function looking(readings: Reading[], columns = ''): Decoder {
  const spec = parseMapping({ ...mappingDefaults, columns })
  const decoder = createDecoder({ form: 'json', now: () => nowMs, limits, mapping: spec })
  const onReading = (reading: Reading): void => void readings.push(reading)
  return withFirstLook(decoder, { spec, latestMs: () => nowMs, idBytesMax: 256, onReading })
}

function records(value: object, count: number, from = 0): SourceRecord[] {
  return Array.from({ length: count }, (_, k) => ({
    position: { stream: 'topic/0', offset: from + k },
    key: null,
    value: Buffer.from(JSON.stringify(value)),
    timestamp: nowMs,
  }))
}

const usual = { user_id: 7, sku: 'i1', ts: 1_433_221_651 }
const strange = { who: 'u', what: 'i', seen: '2015-06-02' }

test('how a topic is read is told once, with the first events', async () => {
  const readings: Reading[] = []
  const { decode } = looking(readings)
  await decode(records({ noise: 1 }, 3))
  assert.equal(readings.length, 0, 'nothing usable has come yet')
  await decode(records(usual, 2, 3))
  await decode(records(usual, 2, 5))
  assert.equal(readings.length, 1)
  assert.deepEqual(readings[0]!.columns, { user: 'user_id', item: 'sku', timestamp: 'ts' })
  assert.equal(readings[0]!.samples[0]!.timestamp, 1_433_221_651_000)
})

test('a topic of which nothing can be read is refused at its beginning, with the flag to paste', async () => {
  const { decode } = looking([])
  await assert.rejects(decode(records(strange, 60)), (error) => {
    assert.ok(error instanceof Failure && error.code === 'SOURCE_UNUSABLE')
    assert.match(
      error.message,
      /topic\/0: 60 of 60 .*--columns 'user=who,item=what,timestamp=seen'/,
    )
    return true
  })
  const told: Reading[] = []
  const flagged = looking(told, 'user=who,item=what,timestamp=seen')
  const decoded = await flagged.decode(records(strange, 60))
  assert.ok(decoded.every(({ kind }) => kind === 'interaction'))
  assert.equal(told[0]!.refusal, undefined)
})

test('later in a topic nothing is refused: a worker that has run before must go on', async () => {
  const readings: Reading[] = []
  const { decode } = looking(readings)
  const decoded = await decode(records(strange, 60, 1_000))
  assert.ok(decoded.every(({ kind }) => kind === 'dead'))
  assert.ok(readings[0]!.refusal !== undefined)
})
