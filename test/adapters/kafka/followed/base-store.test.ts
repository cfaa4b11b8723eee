// What a newcomer of a group starts from, in a real topic: it comes back as it was, the newest that is whole counts,
// and pieces of others do no harm.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createKafkaBaseStore } from '../../../../src/adapters/kafka/base-store.ts'
import {
  packCheckpoint,
  unpackCheckpoint,
} from '../../../../src/adapters/kafka/packed-checkpoint.ts'
import type { Checkpoint } from '../../../../src/ports/checkpoint-store.ts'
import { connectionTo, type Onlooker, onlooker } from '../real-kafka.ts'

let kafka: Onlooker
before(async () => {
  kafka = await onlooker()
})
after(() => kafka.close())

const signal = new AbortController().signal

function baseOf(generation: number, numbers: number): Checkpoint {
  const floats = Float32Array.from({ length: numbers }, (_, k) => generation + k / 7)
  return {
    generation,
    facts: { updates: { next: generation }, name: 'Straße' },
    texts: new Map([['items', ['a', '', 'ü\u0000']]]),
    tensors: new Map([
      ['odd', { shape: [3], data: Uint8Array.of(1, 2, 3) }],
      ['floats', { shape: [numbers, 1], data: floats }],
      ['doubles', { shape: [2], data: Float64Array.of(0.1, -0) }],
      ['none', { shape: [0], data: new Int32Array(0) }],
    ]),
  }
}

function storeOf(topic: string) {
  const groupName = () => `bases-${randomUUID()}`
  return createKafkaBaseStore({ connection: connectionTo(), topic, groupName })
}

test('a packed checkpoint comes back as it was, and one that is cut or changed does not', () => {
  const packed = packCheckpoint(baseOf(7, 101))
  assert.deepEqual(unpackCheckpoint(packed), baseOf(7, 101))
  assert.throws(() => unpackCheckpoint(packed.subarray(0, packed.length - 1)), /do not add up/)
  for (const at of [0, 9, packed.length - 40, packed.length - 1]) {
    const changed = Buffer.from(packed)
    changed[at]! ^= 1
    assert.throws(() => unpackCheckpoint(changed), /do not add up/)
  }
})

test('the newest base that is whole is given', async () => {
  const topic = await kafka.topic()
  const store = storeOf(topic)
  assert.equal(await store.latest(signal), undefined)
  await store.write(baseOf(1, 10))
  // Three pieces.
  await store.write(baseOf(2, 300_000))
  const headers = { part: '0', parts: '2' }
  await kafka.send(topic, [{ key: 'half', value: 'x', headers }])
  await kafka.send(topic, [{ key: 'spoiled', value: 'x', headers: { part: '0', parts: '1' } }])
  assert.deepEqual(await store.latest(signal), baseOf(2, 300_000))
  await store.close()
})

test('a topic that is not there holds no base, and none can be written to it', async () => {
  const store = storeOf(`missing-${randomUUID()}`)
  assert.equal(await store.latest(signal), undefined)
  await assert.rejects(store.write(baseOf(1, 1)), /topics create/)
  await store.close()
})
