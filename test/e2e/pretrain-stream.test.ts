// From a file to a live topic: what was pretrained is in the positive store too, and the worker that goes live from it
// reads the topic from where its group stands, not from a place in the file.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { given } from '../adapters/kafka/real-kafka.ts'
import { makeJournal, setsAfter } from './journal.ts'
import { environment, main } from './program.ts'
import { openScene, type Scene } from './scene.ts'
import { startWorker } from './worker-process.ts'

let scene: Scene
before(async () => {
  scene = await openScene({
    brokers: given('KAFKA_BROKERS'),
    redis: given('REDIS_URL'),
    partitions: 3,
    smallModel: true,
  })
})
after(() => scene.close())

test('pretrained from a file, live on a topic: the sets are those of both', async () => {
  const entries = makeJournal({ events: 2_000, users: 100, items: 200, seed: 5 })
  const [past, live] = [entries.slice(0, 1_200), entries.slice(1_200)]
  const file = join(scene.folder, 'past.ndjson')
  writeFileSync(
    file,
    past.flatMap(({ event }) => (event ? [`${JSON.stringify(event)}\n`] : [])).join(''),
  )
  await scene.produce(live, past.length)
  await promisify(execFile)(process.execPath, [main, 'pretrain', '--data', file], {
    env: environment(scene.env('one')),
  })
  const worker = startWorker([...scene.args, '--stop-at-end'], scene.env('one'))
  assert.equal(await worker.ended, 0, worker.lines.join('\n'))
  assert.match(worker.lines.join('\n'), /"resumedFrom":1\b/)
  const wanted = setsAfter(entries)
  assert.deepEqual(await scene.sets(), wanted)
  assert.equal(await scene.uncommitted(), 0)
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [main, 'export', 'positives', '--checkpoints', join(scene.folder, 'one')],
    { env: environment({}), maxBuffer: 2 ** 26 },
  )
  for (const line of stdout.trim().split('\n')) {
    const { user, items } = JSON.parse(line) as { user: string; items: string[] }
    assert.deepEqual(
      [...items].sort(),
      wanted.get(user) ?? [],
      'the trainer knows what the store does',
    )
  }
})
