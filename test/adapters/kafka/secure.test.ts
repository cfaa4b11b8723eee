// Behind TLS, a sign-in and rights that deny by default: the worker needs what the documents say, no more, and a
// missing right is named. Nothing secret is in a message or a log line.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { createKafka, type KafkaConnection } from '../../../src/adapters/kafka/client/connect.ts'
import { KafkaEventSource } from '../../../src/adapters/kafka/event-source.ts'
import { createKafkaListSink } from '../../../src/adapters/kafka/list-sink.ts'
import { secret } from '../../../src/settings/secret.ts'
import { given, keepingLogger, type Line, type Onlooker, onlooker } from './real-kafka.ts'
import { allowSecure } from './rights.ts'

let kafka: Onlooker
before(async () => {
  kafka = await onlooker()
})
after(() => kafka.close())

const lines: Line[] = []
const password = () => readFileSync(given('TEST_KAFKA_SECURE_PASSWORD_FILE'), 'utf8')

function secure(changes: Partial<KafkaConnection> = {}): KafkaConnection {
  return {
    brokers: given('TEST_KAFKA_SECURE_BROKERS'),
    security: 'tls',
    tls: { ca: readFileSync(given('TEST_KAFKA_SECURE_CA_FILE'), 'utf8') },
    signIn: {
      mechanism: 'scram-sha-512',
      user: given('TEST_KAFKA_SECURE_USER'),
      password: secret(password()),
    },
    clientId: 'secure',
    logger: keepingLogger(lines),
    ...changes,
  }
}

const never = new AbortController().signal

test('reading takes Read and Describe on the topic and Read on the group', async () => {
  const topic = await kafka.topic()
  const groupId = `group-${randomUUID()}`
  await kafka.send(topic, [{ key: 'u', value: 'v' }])
  const open = () => new KafkaEventSource({ connection: secure(), topic, groupId, stopAtEnd: true })
  const denied = open()
  await assert.rejects(denied.readBatch(never), {
    code: 'NOT_PERMITTED',
    exitCode: 77,
    message: new RegExp(`grant Read and Describe on topic ${topic}, and Read on group ${groupId}`),
  })
  await denied.close()
  await allowSecure(kafka.admin, 'TOPIC', topic, ['READ', 'DESCRIBE'])
  await allowSecure(kafka.admin, 'GROUP', groupId, ['READ'])
  const reader = open()
  const batch = await reader.readBatch(never)
  assert.equal(String(batch?.records[0]?.value), 'v')
  await batch?.ack()
  assert.equal(await reader.readBatch(never), undefined)
  await reader.close()
  assert.equal(await kafka.committed(groupId, topic), 1)
})

test('writing takes Write and Describe on the topic', async (t) => {
  const topic = await kafka.topic()
  const sink = createKafkaListSink({ connection: secure(), topic })
  t.after(() => sink.close())
  await assert.rejects(sink.write([{ key: 'u', value: Buffer.from('v') }]), {
    code: 'NOT_PERMITTED',
    message: new RegExp(`grant Write and Describe on topic ${topic}`),
  })
  await allowSecure(kafka.admin, 'TOPIC', topic, ['WRITE', 'DESCRIBE'])
  await sink.write([{ key: 'u', value: Buffer.from('v') }])
  assert.equal((await kafka.read(topic)).length, 1)
})

test('a wrong password, an unknown authority and a password in the clear are refused', async () => {
  const signIn = {
    mechanism: 'scram-sha-512',
    user: 'worker',
    password: secret('canary-91'),
  } as const
  const attempts: readonly (readonly [KafkaConnection, RegExp])[] = [
    [secure({ signIn }), /refuse the sign-in/],
    [secure({ tls: {} }), /certificate is not trusted/],
  ]
  for (const [connection, message] of attempts) {
    const reader = new KafkaEventSource({ connection, topic: 'any', groupId: 'any' })
    await assert.rejects(reader.readBatch(never), (error: Error) => {
      assert.match(error.message, message)
      return !JSON.stringify([error.message, error.stack]).includes('canary')
    })
    await reader.close()
  }
  const plain = { mechanism: 'plain', user: 'u', password: secret('p') } as const
  assert.throws(() => createKafka(secure({ security: 'plaintext', signIn: plain })), {
    code: 'SETTINGS_INVALID',
  })
})

test('no log line has told a secret', () => {
  const all = JSON.stringify(lines)
  assert.ok(lines.length > 0)
  assert.equal(all.includes(password()), false)
  assert.equal(all.includes('canary'), false)
})
