// Two real workers that learn one model by an update log: what only the users of one have taken is known to the
// other, one is killed, and the other goes on where the log says. At the end the log is one unbroken history of each
// partition.

import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { until } from '../adapters/kafka/reading.ts'
import { given } from '../adapters/kafka/real-kafka.ts'
import { freePort } from '../servers/ports.ts'
import { endOf, updatesTopic } from './bases.ts'
import { type Entry, makeJournal } from './journal.ts'
import { openScene, type Scene } from './scene.ts'
import { startWorker, type WorkerProcess } from './worker-process.ts'

const scenes: Scene[] = []
after(async () => {
  for (const scene of scenes) await scene.close()
})

const partitions = 4
/** Items of a user that nobody else has. */
const marks = 8

interface Worker {
  readonly url: string
  readonly process: WorkerProcess
}

async function start(scene: Scene, updates: string, name: string, t: TestContext): Promise<Worker> {
  const port = await freePort()
  const env = scene.env(name, {
    NEUPR_RECORD_FORM: 'json',
    NEUPR_HTTP_PORT: String(port),
    NEUPR_KAFKA_SESSION_SECONDS: '6',
    NEUPR_CHECKPOINT_EVERY_SECONDS: '2',
    NEUPR_UPDATES_EVERY_MS: '200',
    NEUPR_UPDATES_BASE_SECONDS: '2',
  })
  const process = startWorker([...scene.args, '--updates', `kafka:${updates}`], env)
  t.after(() => process.signal('SIGKILL'))
  return { url: `http://127.0.0.1:${port}`, process }
}

async function ready({ url, process }: Worker): Promise<void> {
  let over: number | string | undefined
  void process.ended.then((code) => (over = code))
  await until(`${url} is ready`, async () => {
    assert.equal(over, undefined, process.lines.slice(-20).join('\n'))
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    return answer?.status === 200
  })
}

async function metric({ url }: Worker, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith(name))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

/** Whether the popular list holds the items that a user has taken; one may be kept back as a probe of forgetting. */
async function knows({ url }: Worker, prefix: string): Promise<boolean> {
  const answer = await fetch(`${url}/v1/popular?k=500`)
  const { items = [] } = (await answer.json()) as { items?: { item: string }[] }
  return items.filter(({ item }) => item.startsWith(`${prefix}-`)).length >= marks - 1
}

/** Items of a user who is in one partition alone, and so at one worker alone. */
function marked(user: string, prefix: string): Entry[] {
  return Array.from({ length: marks }, (_, k): Entry => {
    const event = {
      ...{ user, item: `${prefix}-${k}`, action: 'ADD' as const },
      timestamp: 1_700_000_000_000 + k,
    }
    return { key: user, value: Buffer.from(JSON.stringify(event)), event }
  })
}

test('two workers learn one model, and one goes on alone where the other was killed', async (t) => {
  const place = { brokers: given('KAFKA_BROKERS'), redis: given('REDIS_URL'), partitions }
  const scene = await openScene({ ...place, smallModel: true })
  scenes.push(scene)
  const updates = await updatesTopic(scene)
  const journal = makeJournal({
    events: 1_600,
    users: 60,
    items: 150,
    form: { kind: 'json' },
    seed: 3,
  })
  const [one, two] = [await start(scene, updates, 'one', t), await start(scene, updates, 'two', t)]
  for (const worker of [one, two]) await ready(worker)
  await scene.produce(journal.slice(0, 800))
  await until('all is read', async () => (await scene.uncommitted()) === 0)

  // A user is in one partition, at one of the two; the items are known to both.
  await scene.produce(marked('somebody', 'rare'))
  for (const worker of [one, two]) {
    await until('what one user took is known to both', () => knows(worker, 'rare'))
  }
  const state = (await (await fetch(`${one.url}/api/state`)).json()) as {
    group?: { others: { author: string }[] }
  }
  assert.equal(state.group?.others.length, 1)
  assert.ok((await metric(one, 'neupr_updates_appended_total')) > 0)
  assert.ok((await metric(two, 'neupr_updates_read_total')) > 0)

  one.process.signal('SIGKILL')
  await one.process.ended
  await scene.produce(journal.slice(800))
  await until('the other has read all', async () => (await scene.uncommitted()) === 0)

  // Who comes back knows all, and gets its part again.
  const again = await start(scene, updates, 'one', t)
  await ready(again)
  assert.ok(await knows(again, 'rare'))
  await scene.produce(marked('nobody', 'late'))
  for (const worker of [again, two]) {
    await until('it goes on', () => knows(worker, 'late'))
  }
  const baseWritten = 'the base for new workers of the group was written'
  await Promise.race([again, two].map(({ process }) => process.said(baseWritten)))
  for (const { process } of [again, two]) process.signal('SIGTERM')
  for (const { process } of [again, two]) {
    assert.equal(await process.ended, 0, process.lines.slice(-20).join('\n'))
  }

  const { records, events, unlearned, differing } = await endOf(scene, updates, ['one', 'two'])
  assert.deepEqual([unlearned, differing], [0, []])
  const all = journal.length + 2 * marks
  assert.ok(events > 0.7 * all && events <= all, `${events} of ${all} events were learned`)

  // The log loses its past; whoever comes without a checkpoint still knows what the group has learned.
  const partitionsLost = [{ partition: 0, offset: '1' }]
  await scene.kafka.admin.deleteTopicRecords({ topic: updates, partitions: partitionsLost })
  const three = await start(scene, updates, 'three', t)
  await ready(three)
  await three.process.said('starts from what the others have learned')
  assert.ok(await knows(three, 'rare'))
  three.process.signal('SIGTERM')
  assert.equal(await three.process.ended, 0, three.process.lines.slice(-20).join('\n'))
  t.diagnostic(`${records} records, ${events} events`)
})
