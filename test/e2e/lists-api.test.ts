// Lists on request from two real workers of a group: each answers for every user, those of the other from their history
// in Redis, and nobody is listed what they have.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { until } from '../adapters/kafka/reading.ts'
import { given } from '../adapters/kafka/real-kafka.ts'
import { freePort } from '../servers/ports.ts'
import { makeJournal } from './journal.ts'
import { openScene, type Scene } from './scene.ts'
import { startWorker } from './worker-process.ts'

interface Answer {
  readonly source: string
  readonly items: readonly { readonly item: string; readonly score: number }[]
}

const scenes: Scene[] = []
after(async () => {
  for (const scene of scenes) await scene.close()
})

test('any worker of a group answers for any user', async (t) => {
  const place = { brokers: given('KAFKA_BROKERS'), redis: given('REDIS_URL'), partitions: 4 }
  const scene = await openScene({ ...place, smallModel: true })
  scenes.push(scene)
  const workers = await Promise.all(
    ['one', 'two'].map(async (name) => {
      const port = await freePort()
      const env = scene.env(name, { NEUPR_RECORD_FORM: 'json', NEUPR_HTTP_PORT: String(port) })
      return { url: `http://127.0.0.1:${port}`, process: startWorker(scene.args, env) }
    }),
  )
  t.after(() => {
    for (const worker of workers) worker.process.signal('SIGKILL')
  })
  const isReady = async ({ url }: { readonly url: string }): Promise<boolean> => {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    return answer?.status === 200
  }
  await until('both are ready', async () =>
    (await Promise.all(workers.map(isReady))).every(Boolean),
  )
  const early = await fetch(`${workers[0]!.url}/v1/users/nobody/list`)
  assert.equal(early.status, 404)
  const journal = { events: 1_500, users: 40, items: 200 }
  await scene.produce(makeJournal({ ...journal, form: { kind: 'json' }, seed: 5 }))
  await until('all is read', async () => (await scene.uncommitted()) === 0)
  await until('both are ready', async () =>
    (await Promise.all(workers.map(isReady))).every(Boolean),
  )

  const sets = await scene.sets()
  for (const [user, owned] of sets) {
    for (const { url } of workers) {
      const answer = await fetch(`${url}/v1/users/${encodeURIComponent(user)}/list?k=20`)
      assert.equal(answer.status, 200, await answer.clone().text())
      const { source, items } = (await answer.json()) as Answer
      assert.deepEqual([source, items.length], ['PERSONAL', 20])
      assert.ok(items.every(({ item }) => !owned.includes(item)))
    }
  }

  const history = [...sets.values()][0]!.slice(0, 5).map((item) => ({ item }))
  const posted = await fetch(`${workers[1]!.url}/v1/list`, {
    ...{ method: 'POST', body: JSON.stringify({ history, k: 5 }) },
  })
  assert.equal(((await posted.json()) as Answer).items.length, 5)
  for (const worker of workers) worker.process.signal('SIGTERM')
  for (const worker of workers) assert.equal(await worker.process.ended, 0)
})
