// The whole worker on real servers: a stream goes in, and the sets, the lists, the dead letters and the positions come
// out as the stream alone says they must, in each of the three forms of a record.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createSchemaRegistry } from '../../src/adapters/registry/schema-registry.ts'
import { interactionSchema } from '../../src/wire/schemas.ts'
import { given } from '../adapters/kafka/real-kafka.ts'
import { type Entry, type Form, makeJournal } from './journal.ts'
import { openScene, type Scene } from './scene.ts'
import { verify } from './verify.ts'
import { startWorker } from './worker-process.ts'

const scenes: Scene[] = []
after(async () => {
  for (const scene of scenes) await scene.close()
})

async function scene(smallModel = true): Promise<Scene> {
  const place = { brokers: given('KAFKA_BROKERS'), redis: given('REDIS_URL'), partitions: 3 }
  const opened = await openScene({ ...place, smallModel })
  scenes.push(opened)
  return opened
}

const journal = { events: 1_500, users: 300, items: 400, badEvery: 150, forgetEvery: 701 }

interface Summary {
  readonly events: number
  readonly deadLetters: Readonly<Record<string, number>>
  readonly skipped: Readonly<Record<string, number>>
}

async function runToEnd(
  where: Scene,
  more: Readonly<Record<string, string>> = {},
): Promise<Summary> {
  const file = join(where.folder, 'summary.json')
  const args = [...where.args, '--stop-at-end', '--summary', file]
  const worker = startWorker(args, where.env('one', more))
  assert.equal(await worker.ended, 0, worker.lines.join('\n'))
  return JSON.parse(readFileSync(file, 'utf8')) as Summary
}

async function holds(where: Scene, entries: readonly Entry[], summary: Summary): Promise<void> {
  const verdict = await verify(where, entries)
  const planted = entries.filter(({ value, event }) => value !== null && event === undefined).length
  assert.deepEqual(verdict, {
    ...{ missing: 0, extra: 0, planted, deadLetters: planted, wrongLetters: 0 },
    ...{ listFaults: [], unlisted: 0 },
  })
  assert.equal(await where.uncommitted(), 0)
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((total, count) => total + count, 0)
  const forgets = entries.filter(({ value }) => value === null).length
  assert.equal(summary.events + sum(summary.deadLetters) + forgets, entries.length)
  assert.equal(sum(summary.skipped), 0)
}

async function through(
  form: Form,
  env: Readonly<Record<string, string>>,
  seed: number,
  smallModel = true,
) {
  const where = await scene(smallModel)
  const entries = makeJournal({ ...journal, form, seed })
  await where.produce(entries)
  await holds(where, entries, await runToEnd(where, env))
  return { where, entries }
}

test('plain Avro goes through whole; a second run finds nothing to do and changes nothing', async () => {
  const { where, entries } = await through({ kind: 'avro' }, {}, 1, false)
  const before = await where.kafka.read(where.lists)
  const again = await runToEnd(where)
  await holds(where, entries, again)
  const after = await where.kafka.read(where.lists)
  assert.equal(after.length, before.length)
})

test('JSON goes through whole, and its lists are JSON', async () => {
  const { where } = await through(
    { kind: 'json' },
    { NEUPR_RECORD_FORM: 'json', NEUPR_LIST_FORM: 'json' },
    2,
  )
  const lists = await where.kafka.read(where.lists)
  assert.ok(lists.every(({ value }) => value === null || value[0] === '{'.charCodeAt(0)))
})

test('frames of a schema registry go through whole', async () => {
  const url = given('SCHEMA_REGISTRY_URL')
  const registry = createSchemaRegistry({ url })
  const schemaId = await registry.register('e2e-interactions-value', interactionSchema)
  const { where } = await through({ kind: 'confluent', schemaId }, { SCHEMA_REGISTRY_URL: url }, 3)
  const lists = await where.kafka.read(where.lists)
  assert.ok(lists.every(({ value }) => value === null || value[0] === 0))
})

test('a null value forgets: the set is gone and the newest list is null', async () => {
  const where = await scene()
  const entries = makeJournal({
    ...journal,
    events: 900,
    users: 30,
    badEvery: 0,
    forgetEvery: 0,
    seed: 4,
  })
  const forgotten: Entry = { key: 'user-7', value: null, event: undefined }
  await where.produce(entries)
  await runToEnd(where)
  await where.produce([forgotten], entries.length)
  await runToEnd(where)
  assert.equal((await where.sets()).has('user-7'), false)
  const own = (await where.kafka.read(where.lists)).filter(({ key }) => String(key) === 'user-7')
  assert.ok(own.length > 1)
  assert.equal(own.at(-1)?.value, null)
})
