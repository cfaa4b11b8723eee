// The commands around Kafka, against the real servers: topics made, a file produced, lists read, letters replayed,
// and a doctor who finds what was broken on purpose.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createKafkaDeadLetterSink } from '../../src/adapters/kafka/dead-letter-sink.ts'
import { createKafkaListSink } from '../../src/adapters/kafka/list-sink.ts'
import { createSchemaRegistry } from '../../src/adapters/registry/schema-registry.ts'
import { dlqCommand } from '../../src/command/dlq.ts'
import { doctorCommand } from '../../src/command/doctor.ts'
import { previewCommand } from '../../src/command/preview.ts'
import { produceCommand } from '../../src/command/produce.ts'
import { tailCommand } from '../../src/command/tail.ts'
import { topicsCommand } from '../../src/command/topics.ts'
import { createDecoder } from '../../src/consume/decode.ts'
import { createListEncoder, encodeForgotten } from '../../src/publish/encode.ts'
import type { TopList } from '../../src/types.ts'
import {
  connectionTo,
  given,
  keepingLogger,
  type Onlooker,
  onlooker,
} from '../adapters/kafka/real-kafka.ts'

let kafka: Onlooker
const folder = mkdtempSync(join(tmpdir(), 'neupr-test-'))
before(async () => {
  kafka = await onlooker()
})
after(async () => {
  rmSync(folder, { recursive: true })
  await kafka.close()
})

function io(env: Readonly<Record<string, string>> = {}) {
  const printed: string[] = []
  const exits: number[] = []
  const into = (lines: string[]) =>
    new Writable({
      write(chunk, _, done) {
        lines.push(String(chunk))
        done()
      },
    })
  return {
    env: { KAFKA_BROKERS: given('KAFKA_BROKERS'), ...env },
    stdout: into(printed),
    stderr: into([]),
    logger: keepingLogger(),
    stdin: Readable.from([]),
    nowMs: () => Date.now(),
    elapsedMs: () => performance.now(),
    pause: (ms: number) => delay(ms),
    stop: new AbortController().signal,
    exit: (code: number) => void exits.push(code),
    exits,
    text: () => printed.join(''),
  }
}

const user = { from: 'user' } as const

test('topics create makes three topics with the settings of their use, once', async () => {
  const input = `in-${randomUUID()}`
  const names = ['--input', input, '--lists', `${input}.out`, '--partitions', '3']
  const first = io()
  await topicsCommand(first).parseAsync(['create', ...names], user)
  assert.equal(first.text().match(/: made/g)?.length, 3)
  const second = io()
  await topicsCommand(second).parseAsync(['create', ...names], user)
  assert.equal(second.text().match(/: exists/g)?.length, 3)
  const doctor = io({ REDIS_URL: given('REDIS_URL'), NEUPR_CHECKPOINTS: folder })
  const looked = ['--source', `kafka:${input}`, '--sink', `kafka:${input}.out`, '--json']
  await doctorCommand(doctor).parseAsync(looked, user)
  const findings = JSON.parse(doctor.text()) as { name: string; state: string }[]
  const named = findings.filter(({ name }) => name.startsWith('topic ')).map(({ name }) => name)
  assert.deepEqual(
    named,
    [input, `${input}.out`, `${input}.dlq`].map((topic) => `topic ${topic}`),
  )
  assert.deepEqual(
    findings.filter(({ name, state }) => state === 'fail' && !name.startsWith('redis')),
    [],
    doctor.text(),
  )
})

test('the doctor names what is wrong and what to do, and ends with 1', async () => {
  const input = await kafka.topic(2, { 'cleanup.policy': 'compact' })
  const file = join(folder, 'a file')
  writeFileSync(file, '')
  const doctor = io({ NEUPR_CHECKPOINTS: join(file, 'checkpoints') })
  const flags = ['--input', input, '--lists', 'not-there', '--redis', 'redis://127.0.0.1:1']
  await doctorCommand(doctor).parseAsync(flags, user)
  assert.match(doctor.text(), /FAIL {2}topic test-\S+: 2 partitions, cleanup.policy compact/)
  assert.match(
    doctor.text(),
    /FAIL {2}topic not-there: is not there\n {6}→ neupr-worker topics create/,
  )
  assert.match(doctor.text(), /FAIL {2}redis: /)
  assert.match(doctor.text(), /FAIL {2}checkpoints: /)
  assert.deepEqual(doctor.exits, [1])
})

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
