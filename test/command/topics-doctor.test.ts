// `topics create` and `doctor` against the real servers: topics with the settings of their use, and a doctor who finds
// what was broken on purpose.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { makeAndAwait } from '../../src/adapters/kafka/topics.ts'
import { doctorCommand } from '../../src/command/doctor.ts'
import { topicsCommand } from '../../src/command/topics.ts'
import { until } from '../adapters/kafka/reading.ts'
import { given, type Onlooker, onlooker } from '../adapters/kafka/real-kafka.ts'
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

test('the topic of an item feed is made compacted, and the doctor looks at it', async () => {
  const input = `in-${randomUUID()}`
  const [lists, feed] = [`${input}.out`, `${input}.items`]
  const made = io()
  const names = ['--input', input, '--lists', lists, '--items', feed, '--partitions', '1']
  await topicsCommand(made).parseAsync(['create', ...names], user)
  assert.match(made.text(), new RegExp(`^${feed}: made$`, 'm'))
  const looked = async (env: Readonly<Record<string, string>>, ...flags: string[]) => {
    const doctor = io({ NEUPR_CHECKPOINTS: folder, ...env })
    await doctorCommand(doctor).parseAsync(
      ['--input', input, '--lists', lists, '--json', ...flags],
      user,
    )
    const findings = JSON.parse(doctor.text()) as { name: string; state: string; found: string }[]
    return findings.filter(({ name }) => /^topic \S+items$/.test(name))
  }
  const [bySetting, ...more] = await looked({ NEUPR_ITEMS: `kafka:${feed}` })
  assert.deepEqual([bySetting?.name, bySetting?.state, more.length], [`topic ${feed}`, 'ok', 0])
  assert.match(bySetting?.found ?? '', /1 partition.*compact/)
  assert.deepEqual(await looked({ NEUPR_ITEMS: 'file:items.ndjson' }), [])
  assert.deepEqual(await looked({}), [])
  const grows = `${input}.grows.items`
  await makeAndAwait(kafka.admin, [{ topic: grows, numPartitions: 1, replicationFactor: 1 }])
  const [warned] = await looked({}, '--items', grows)
  assert.equal(warned?.state, 'warn', JSON.stringify(warned))
  const [missing] = await looked({}, '--items', `${input}.not-there.items`)
  assert.equal(missing?.state, 'fail')
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

test('an update log is made with the topic for newcomers, and the doctor looks at it', async () => {
  const input = `in-${randomUUID()}`
  const [lists, log] = [`${input}.out`, `${input}.log`]
  const made = io()
  const names = ['--input', input, '--lists', lists, '--updates', log, '--partitions', '1']
  await topicsCommand(made).parseAsync(['create', ...names], user)
  for (const topic of [log, `${log}.base`]) {
    assert.match(made.text(), new RegExp(`^${topic}: made$`, 'm'))
  }
  const looked = async (topic: string, env: Readonly<Record<string, string>> = {}) => {
    const doctor = io({ NEUPR_CHECKPOINTS: folder, ...env })
    const flags = ['--input', input, '--lists', lists, '--updates', topic, '--json']
    await doctorCommand(doctor).parseAsync(flags, user)
    const findings = JSON.parse(doctor.text()) as { name: string; state: string; found: string }[]
    const of = (name: string) => findings.find((one) => one.name === name)
    return { topic: of(`topic ${topic}`), past: of('update log'), workers: of('workers') }
  }
  const fine = await looked(log)
  assert.deepEqual([fine.topic?.state, fine.past?.state, fine.workers?.state], ['ok', 'ok', 'ok'])
  assert.match(fine.topic?.found ?? '', /kept for 24 h/)
  const small = await looked(log, { NEUPR_UPDATES_BYTES_MAX: '67108864' })
  assert.equal(small.topic?.state, 'warn', JSON.stringify(small))
  await kafka.send(log, [{ value: 'one' }, { value: 'two' }])
  const partitions = [{ partition: 0, offset: '1' }]
  await until('the first record is deleted', () =>
    kafka.admin.deleteTopicRecords({ topic: log, partitions }).then(
      () => true,
      () => false,
    ),
  )
  const lost = await looked(log)
  assert.equal(lost.past?.state, 'warn', JSON.stringify(lost))
  assert.match(lost.past?.found ?? '', /begins at 1: a worker without a checkpoint/)
  const many = await looked(await kafka.topic(2))
  assert.match(many.topic?.found ?? '', /2 partitions, but the update log needs one order/)
  const missing = await looked(`${log}.not-there`)
  assert.equal(missing.topic?.state, 'fail')
})
