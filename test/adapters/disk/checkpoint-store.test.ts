// The disk store keeps the promises of the port, and those that only files have: names, links, rights,
// leftovers, foreign writers, the same bytes for the same checkpoint.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisesOfChanges } from '../../contracts/checkpoint-changes.ts'
import {
  assertSame,
  checkpointStoreContract,
  sampleCheckpoint,
} from '../../contracts/checkpoint-store.ts'
import { freshDirectory, hasCode, openAt } from './places.ts'

const openPlace = (kept: number) => {
  const directory = freshDirectory()
  return () => openAt(directory, kept)
}
checkpointStoreContract(openPlace)
promisesOfChanges(openPlace)

test('keeps the newest, and nothing else but the mark of the epoch', async () => {
  const directory = freshDirectory()
  const store = openAt(directory, 2)
  for (let generation = 1; generation <= 4; generation++)
    await store.save(sampleCheckpoint(generation))
  assert.deepEqual(readdirSync(directory).sort(), [
    'checkpoint-000000003',
    'checkpoint-000000004',
    'epoch-000000001',
  ])
})

test('the same checkpoint gives the same bytes, whatever the order of its parts', async () => {
  const [one, two] = [freshDirectory(), freshDirectory()]
  const { tensors, texts, ...rest } = sampleCheckpoint(1)
  await openAt(one).save({ ...rest, tensors, texts })
  const turned = { tensors: new Map([...tensors].reverse()), texts: new Map([...texts].reverse()) }
  await openAt(two).save({ ...rest, ...turned })
  const files = readdirSync(join(one, 'checkpoint-000000001')).sort()
  assert.deepEqual(files, ['manifest.json', 'tensors.safetensors', 'texts.safetensors'])
  for (const file of files) {
    const read = (place: string): Buffer => readFileSync(join(place, 'checkpoint-000000001', file))
    assert.deepEqual(read(one), read(two), file)
  }
})

test('memory shared between threads can be saved', async () => {
  const directory = freshDirectory()
  const data = new Float32Array(new SharedArrayBuffer(64))
  data.set([1, 2, 3])
  const checkpoint = {
    ...sampleCheckpoint(1),
    tensors: new Map([['shared', { shape: [16], data }]]),
  }
  await openAt(directory).save(checkpoint)
  assertSame((await openAt(directory).latest()).checkpoint, checkpoint)
})

test('damaged ones make room first: the newest two whole ones stay', async () => {
  const directory = freshDirectory()
  for (const generation of [10, 11, 12]) await openAt(directory).save(sampleCheckpoint(generation))
  writeFileSync(join(directory, 'checkpoint-000000012', 'tensors.safetensors'), '')
  const store = openAt(directory, 2)
  assert.equal((await store.latest()).newest, 12)
  await store.save(sampleCheckpoint(13))
  assert.deepEqual(readdirSync(directory).sort().slice(0, 2), [
    'checkpoint-000000011',
    'checkpoint-000000013',
  ])
})

test('what a crash left is cleaned at the next start, what readers see is not touched', async () => {
  const directory = freshDirectory()
  await openAt(directory).save(sampleCheckpoint(1))
  mkdirSync(join(directory, '.saving-1-abcdef'))
  writeFileSync(join(directory, '.saving-1-abcdef', 'tensors.safetensors'), 'torn')
  mkdirSync(join(directory, '.removing-1-abcdef'))
  mkdirSync(join(directory, 'somebody-elses'))
  await openAt(directory).latest()
  assert.ok(existsSync(join(directory, '.saving-1-abcdef')))
  await openAt(directory).claimEpoch()
  assert.deepEqual(readdirSync(directory).sort(), [
    'checkpoint-000000001',
    'epoch-000000002',
    'somebody-elses',
  ])
})

test('a place that cannot be written is a failure to try again, and harms nothing', async () => {
  const directory = freshDirectory()
  await openAt(directory).save(sampleCheckpoint(1))
  const below = join(directory, 'checkpoint-000000001', 'manifest.json', 'below')
  await assert.rejects(openAt(below).save(sampleCheckpoint(1)), hasCode('CHECKPOINT_UNWRITABLE'))
  await assert.rejects(openAt(below).claimEpoch(), hasCode('CHECKPOINT_UNWRITABLE'))
  assertSame((await openAt(directory).latest()).checkpoint, sampleCheckpoint(1))
})

test('a directory that vanishes under a worker is a failure to try again', async () => {
  const directory = freshDirectory()
  const store = openAt(directory)
  const saving = [store.save(sampleCheckpoint(1)), store.save(sampleCheckpoint(2))]
  rmSync(directory, { recursive: true })
  for (const saved of await Promise.allSettled(saving)) {
    assert.ok(saved.status === 'rejected' && hasCode('CHECKPOINT_UNWRITABLE')(saved.reason))
  }
  await assert.rejects(store.save(sampleCheckpoint(3)), hasCode('CHECKPOINT_UNWRITABLE'))
})

for (const way of ['whole', 'changes']) {
  test(`a full disk leaves the older generation and no rubbish: ${way}`, () => {
    const directory = freshDirectory()
    const script = new URL('./save-until-stopped.js', import.meta.url).pathname
    const shell = `ulimit -f 64; exec "${process.execPath}" "${script}" "${directory}" 40000 2 ${way}`
    const { stdout } = spawnSync('sh', ['-c', shell], { encoding: 'utf8' })
    assert.match(stdout, /^saved 1\nCHECKPOINT_UNWRITABLE .*EFBIG/s)
    assert.deepEqual(readdirSync(directory).sort(), ['checkpoint-000000001', 'epoch-000000001'])
  })
}

test('Python reads every file with nothing but its own library', {
  skip: !hasPython(),
}, async () => {
  const directory = freshDirectory()
  await openAt(directory).save(sampleCheckpoint(1))
  const script = new URL('../../../../test/adapters/disk/read_checkpoint.py', import.meta.url)
    .pathname
  const { stdout, stderr } = spawnSync(
    'python3',
    [script, join(directory, 'checkpoint-000000001')],
    {
      encoding: 'utf8',
    },
  )
  assert.equal(stderr, '')
  const { facts, tensors, texts } = sampleCheckpoint(1)
  const read: unknown = JSON.parse(stdout)
  const numbers = [...tensors].map(([name, { shape, data }]) => [name, { shape, data: [...data] }])
  assert.deepEqual(read, {
    facts,
    tensors: Object.fromEntries(numbers),
    texts: Object.fromEntries(texts),
  })
})

function hasPython(): boolean {
  return spawnSync('python3', ['--version']).status === 0
}
