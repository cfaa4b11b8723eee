// The commands around Kafka, against the real servers: a file produced, lists read, letters replayed.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createKafkaDeadLetterSink } from '../../src/adapters/kafka/dead-letter-sink.ts'
import { createKafkaListSink } from '../../src/adapters/kafka/list-sink.ts'
import { createSchemaRegistry } from '../../src/adapters/registry/schema-registry.ts'
import { dlqCommand } from '../../src/command/dlq.ts'
import { previewCommand } from '../../src/command/preview.ts'
import { produceCommand } from '../../src/command/produce.ts'
import { tailCommand } from '../../src/command/tail.ts'
import { createDecoder } from '../../src/consume/decode.ts'
import { createListEncoder, encodeForgotten } from '../../src/publish/encode.ts'
import type { TopList } from '../../src/types.ts'
import { connectionTo, given, type Onlooker, onlooker } from '../adapters/kafka/real-kafka.ts'
import { io } from './kafka-io.ts'

let kafka: Onlooker
const folder = mkdtempSync(join(tmpdir(), 'neupr-test-'))
before(async () => {
  kafka = await onlooker()
})
after(async () => {
  rmSync(folder, { recursive: true })
  await kafka.close()
})

const user = { from: 'user' } as const

test('produce writes a file so that the worker’s decoder reads it, framed or plain', async () => {
  const file = join(folder, 'events.tsv')
  writeFileSync(
    file,
    'user\titem\ttimestamp\nada\tx\t1500000000\nbob\ty\t1500000060\n\ta line\tno time\n',
  )
  const url = given('SCHEMA_REGISTRY_URL')
  const registry = createSchemaRegistry({ url })
  const limits = { recordBytesMax: 65_536, idBytesMax: 256, futureMsMax: 0 }
  for (const form of ['confluent', 'avro'] as const) {
    const topic = await kafka.topic()
    const env: Record<string, string> = form === 'confluent' ? { SCHEMA_REGISTRY_URL: url } : {}
    const here = io(env)
    await produceCommand(here).parseAsync(['--file', file, '--topic', topic], user)
    assert.match(here.text(), /^2 events written to/)
    const records = (await kafka.read(topic)).map(({ key, value, offset }) => {
      return { position: { stream: 's', offset: Number(offset) }, key: String(key), value }
    })
    const decoder = createDecoder({ form, now: Date.now, limits, schemaById: registry.schemaById })
    const seen = (await decoder.decode(records)).map((one) => {
      return one.kind === 'interaction' ? { ...one.interaction } : one
    })
    assert.deepEqual(seen, [
      { user: 'ada', item: 'x', timestamp: timeOf(seen[0]), action: 'ADD' },
      { user: 'bob', item: 'y', timestamp: timeOf(seen[1]), action: 'ADD' },
    ])
    assert.deepEqual(
      records.map(({ key }) => key),
      ['ada', 'bob'],
    )
    const preview = { ...io(env), processorMs: () => 0 }
    await previewCommand(preview).parseAsync([`kafka:${topic}`, '--json'], user)
    const { columns, counts } = JSON.parse(preview.text()) as Record<string, unknown>
    const ours = { user: 'user', item: 'item', timestamp: 'timestamp', action: 'action' }
    assert.deepEqual(columns, ours)
    assert.deepEqual(counts, { read: 2, usable: 2, dead: {}, skipped: {} })
  }
})

function timeOf(one: object | undefined): number {
  const time = (one as { timestamp?: number } | undefined)?.timestamp ?? 0
  assert.ok(time > 0)
  return time
}

test('tail prints lists of every form, and who was forgotten', async () => {
  const topic = await kafka.topic()
  const list: TopList = {
    user: 'ada',
    items: [{ item: 'x', score: 0.75 }],
    modelVersion: 3,
    generatedAt: 5,
    newestEvent: 4,
    position: { stream: 'in/0', offset: 9 },
    source: 'PERSONAL',
    beatsNext: [0.75],
  }
  const sink = createKafkaListSink({ connection: connectionTo(), topic })
  await sink.write([
    createListEncoder({ form: 'avro' })(list),
    createListEncoder({ form: 'json' })(list),
    createListEncoder({ form: 'confluent', schemaId: 7 })(list),
    encodeForgotten('bob'),
  ])
  await sink.close()
  const text = io()
  await tailCommand(text).parseAsync(['--topic', topic, '--stop-at-end'], user)
  const line = 'ada  x 0.75  (personal, version 3)\n'
  assert.equal(text.text(), `${line}${line}${line}bob  (forgotten)\n`)
  const json = io()
  await tailCommand(json).parseAsync(['--topic', topic, '--json', '--stop-at-end'], user)
  const parsed = json
    .text()
    .trim()
    .split('\n')
    .map((one) => JSON.parse(one) as object)
  assert.deepEqual(parsed, [list, list, list, { user: 'bob', forgotten: true }])
})

test('dead letters are listed and replayed by reason, whole ones only', async () => {
  const [topic, target] = [await kafka.topic(), await kafka.topic()]
  const sink = createKafkaDeadLetterSink({
    connection: connectionTo(),
    topic,
    valueBytesMax: 2_000,
  })
  const letter = (offset: number, reason: 'decode' | 'bad_id', bytes: number) => ({
    fault: { reason, detail: 'truncated' },
    position: { stream: `${target}/0`, offset },
    key: `u${offset}`,
    value: Buffer.alloc(bytes, offset),
  })
  await sink.write([letter(1, 'decode', 10), letter(2, 'bad_id', 10), letter(3, 'decode', 5_000)])
  await sink.close()
  const listed = io()
  await dlqCommand(listed).parseAsync(['list', '--topic', topic], user)
  assert.match(listed.text(), new RegExp(` decode  ${target}/0@1  10 bytes  truncated\n`))
  assert.equal(listed.text().trim().split('\n').length, 3)
  const none = io()
  await dlqCommand(none).parseAsync(['list', '--topic', topic, '--until', '2020-01-01'], user)
  assert.equal(none.text(), '')
  const replayed = io()
  await dlqCommand(replayed).parseAsync(['replay', '--topic', topic, '--reason', 'decode'], user)
  assert.equal(replayed.text(), '1 records replayed\n')
  const [back, ...more] = await kafka.read(target)
  assert.equal(more.length, 0)
  assert.deepEqual([String(back?.key), back?.value], ['u1', Buffer.alloc(10, 1)])
})
