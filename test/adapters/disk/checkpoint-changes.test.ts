// Generations of changes on the disk: damage to any of their files, or to what they are made of, is refused with a
// reason, and the newest generation that stands without it is given.

import assert from 'node:assert/strict'
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createDiskCheckpointStore } from '../../../src/adapters/disk/checkpoint-store.ts'
import type { CheckpointStore } from '../../../src/ports/checkpoint-store.ts'
import { lastOf, saveAsChanges } from '../../contracts/checkpoint-changes.ts'
import { assertSame, sampleCheckpoint } from '../../contracts/checkpoint-store.ts'

const root = mkdtempSync(join(tmpdir(), 'changes-'))
after(() => rmSync(root, { recursive: true }))

function openAt(directory: string, kept = 2): CheckpointStore {
  return createDiskCheckpointStore({ directory, kept, bytesMax: 2 ** 24 })
}

/** Generations 1 and 2 whole, 3 and 4 changes to 2. */
async function chainOfFour(): Promise<string> {
  const directory = mkdtempSync(join(root, 'place-'))
  const store = openAt(directory, 3)
  for (const generation of [1, 2]) await store.save(sampleCheckpoint(generation))
  for (const generation of [3, 4]) {
    await saveAsChanges(store, sampleCheckpoint(generation), sampleCheckpoint(generation - 1))
  }
  return directory
}

const names = ['changes.bin', 'manifest.json', 'pieces.safetensors', 'texts.safetensors']

async function assertFalls(directory: string, to: number, refused: number, why: RegExp, what = '') {
  const found = await openAt(directory).latest()
  assert.equal(found.checkpoint?.generation, to, what)
  assertSame(found.checkpoint, sampleCheckpoint(to))
  assert.equal(found.refused.length, refused, what)
  for (const one of found.refused) assert.match(one.why, why, what)
}

test('changes cut at every byte, and with any of their bits flipped, are passed over', async () => {
  const directory = await chainOfFour()
  const newest = join(directory, 'checkpoint-000000004')
  assert.deepEqual(readdirSync(newest).sort(), names)
  for (const name of names) {
    const bytes = readFileSync(join(newest, name))
    for (let length = bytes.length - 1; length >= 0; length--) {
      truncateSync(join(newest, name), length)
      await assertFalls(directory, 3, 1, /./, `${name} cut at ${length}`)
    }
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes)
      damaged[at]! ^= 1 << (at & 7)
      writeFileSync(join(newest, name), damaged)
      await assertFalls(directory, 3, 1, /./, `${name} byte ${at}`)
    }
    writeFileSync(join(newest, name), bytes)
  }
  await assertFalls(directory, 4, 0, /./)
})

test('without what they are made of, changes are nothing: the older whole one is given', async () => {
  const base = ['checkpoint-000000002', 'tensors.safetensors']
  const damages: [string, RegExp, (directory: string) => void][] = [
    [
      'gone',
      /made of checkpoint-000000002, which|ENOENT/,
      (at) => rmSync(join(at, base[0]!), { recursive: true }),
    ],
    [
      'torn',
      /made of checkpoint-000000002|bytes, expected/,
      (at) => truncateSync(join(at, ...base), 20),
    ],
    [
      'another one of that number',
      /made of another checkpoint-000000002/,
      (at) => {
        const from = mkdtempSync(join(root, 'other-'))
        cpSync(join(at, 'checkpoint-000000001'), from, { recursive: true })
        rmSync(join(at, base[0]!), { recursive: true })
      },
    ],
  ]
  for (const [what, why, damage] of damages) {
    const directory = await chainOfFour()
    damage(directory)
    if (what === 'another one of that number') {
      await openAt(directory, 9).save(sampleCheckpoint(2, 77))
      const { checkpoint, refused } = await openAt(directory).latest()
      assertSame(checkpoint, sampleCheckpoint(2, 77))
      assert.deepEqual(refused.length, 2, what)
      for (const one of refused) assert.match(one.why, why)
      continue
    }
    const { checkpoint, refused } = await openAt(directory).latest()
    assertSame(checkpoint, sampleCheckpoint(1))
    assert.equal(refused.length, what === 'gone' ? 2 : 3, what)
    for (const one of refused) assert.match(one.why, why, what)
  }
})

test('changes of another chain in place of a link are refused', async () => {
  const directory = await chainOfFour()
  const store = openAt(directory, 9)
  // The same generation, again as changes to the whole one, but with other numbers in it.
  rmSync(join(directory, 'checkpoint-000000003'), { recursive: true })
  await saveAsChanges(store, sampleCheckpoint(3, 55), sampleCheckpoint(2))
  const { checkpoint, refused } = await openAt(directory).latest()
  assertSame(checkpoint, sampleCheckpoint(3, 55))
  assert.match(refused[0]?.why ?? '', /made of another checkpoint-000000003/)
})

test('many or large changes are no more worth writing', async () => {
  const directory = mkdtempSync(join(root, 'place-'))
  const store = openAt(directory)
  const zeros = { shape: [10_000], data: new Float32Array(10_000) }
  const content = { facts: {}, tensors: new Map([['a', zeros]]), texts: new Map() }
  await store.save({ generation: 1, ...content })
  for (let generation = 2; generation <= 5; generation++) {
    assert.equal(store.takesChanges(generation - 1), generation < 5, `${generation}`)
    const writer = store.saveChanges(generation, generation - 1)
    writer.put('a', 0, new Float32Array(1_500).fill(generation))
    await writer.commit(lastOf({ generation, ...content }))
  }
})

test('a larger state than the bound is refused before anything is read', async () => {
  const directory = mkdtempSync(join(root, 'place-'))
  const store = openAt(directory)
  const writer = store.saveChanges(1, undefined)
  await writer.commit({
    facts: {},
    tensors: new Map([['huge', { shape: [2 ** 30, 2 ** 10], kind: new Float32Array(0) }]]),
    texts: new Map(),
  })
  const { checkpoint, refused } = await openAt(directory).latest()
  assert.equal(checkpoint, undefined)
  assert.match(refused[0]?.why ?? '', /expected at most 16777216/)
})

test('many runs of texts are written in few turns of the event loop: a busy trainer has few', async () => {
  const directory = mkdtempSync(join(root, 'place-'))
  const writer = openAt(directory).saveChanges(1, undefined)
  const runs = 1_000
  for (let k = 0; k < runs; k++) writer.putTexts('users', 2 * k, [`${k}`, '\ud800'])
  const last = { facts: {}, tensors: new Map(), texts: new Map([['users', 2 * runs]]) }
  let isOver = false
  const committed = writer.commit(last).finally(() => {
    isOver = true
  })
  const wait = new Int32Array(new SharedArrayBuffer(4))
  let turns = 0
  for (; !isOver; turns++) {
    Atomics.wait(wait, 0, 0, 2)
    await setImmediate()
  }
  await committed
  assert.ok(turns < runs / 2, `${turns} turns`)
  const { checkpoint } = await openAt(directory).latest()
  assert.deepEqual([...(checkpoint?.texts.get('users') ?? [])].slice(-2), [`${runs - 1}`, '\ud800'])
})
