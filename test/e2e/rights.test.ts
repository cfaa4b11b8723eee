// The whole worker behind TLS, a sign-in and rights that deny by default, with no more than the documents say; and
// nothing secret in what it prints.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { given } from '../adapters/kafka/real-kafka.ts'
import { allowSecure } from '../adapters/kafka/rights.ts'
import { makeJournal } from './journal.ts'
import { openScene, type Scene } from './scene.ts'
import { verify } from './verify.ts'
import { startWorker } from './worker-process.ts'

let scene: Scene
before(async () => {
  const place = { brokers: given('KAFKA_BROKERS'), redis: given('REDIS_URL'), partitions: 2 }
  scene = await openScene({ ...place, smallModel: true })
})
after(() => scene.close())

const secure = () => ({
  KAFKA_BROKERS: given('TEST_KAFKA_SECURE_BROKERS'),
  NEUPR_KAFKA_SECURITY: 'tls',
  NEUPR_KAFKA_CA_FILE: given('TEST_KAFKA_SECURE_CA_FILE'),
  NEUPR_KAFKA_MECHANISM: 'scram-sha-512',
  NEUPR_KAFKA_USER: given('TEST_KAFKA_SECURE_USER'),
  NEUPR_KAFKA_PASSWORD_FILE: given('TEST_KAFKA_SECURE_PASSWORD_FILE'),
})

test('a right that is missing ends the worker with 77 and its name; with all it goes through', async () => {
  const { admin } = scene.kafka
  const entries = makeJournal({ events: 800, users: 60, items: 200, badEvery: 100, seed: 21 })
  await scene.produce(entries)
  const args = [...scene.args, '--stop-at-end']
  await allowSecure(admin, 'TOPIC', scene.input, ['READ', 'DESCRIBE'])
  await allowSecure(admin, 'GROUP', scene.group, ['READ'])
  const denied = startWorker(args, scene.env('one', secure()))
  assert.equal(await denied.ended, 77, denied.lines.join('\n'))
  assert.match(denied.lines.join('\n'), /grant Write and Describe on topic (in-.*\.dlq|out-)/)
  await allowSecure(admin, 'TOPIC', scene.lists, ['WRITE', 'DESCRIBE'])
  await allowSecure(admin, 'TOPIC', scene.letters, ['WRITE', 'DESCRIBE'])
  const worker = startWorker(args, scene.env('one', secure()))
  assert.equal(await worker.ended, 0, worker.lines.join('\n'))
  const verdict = await verify(scene, entries)
  assert.deepEqual([verdict.missing, verdict.extra, verdict.listFaults], [0, 0, []])
  assert.deepEqual([verdict.deadLetters, verdict.wrongLetters, verdict.unlisted], [8, 0, 0])
  const password = readFileSync(given('TEST_KAFKA_SECURE_PASSWORD_FILE'), 'utf8').trim()
  assert.equal([...denied.lines, ...worker.lines].join('\n').includes(password), false)
})
