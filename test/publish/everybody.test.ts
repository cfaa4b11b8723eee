// The list for everybody: written when it has changed, by whoever may, and never over a user's.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEverybodysList, type EverybodyParts } from '../../src/publish/everybody.ts'
import type { TopList } from '../../src/types.ts'
import { keepingLogger, type Line } from '../adapters/kafka/real-kafka.ts'

/** `waits`: what is given to the publisher is under way until the test says what became of it. */
function rig(change: Partial<EverybodyParts> = {}, waits = false) {
  const written: TopList[] = []
  const lines: Line[] = []
  const world = { items: ['a', 'b'], may: true as boolean | undefined, paused: false, user: '' }
  const under: ((isWritten: boolean) => void)[] = []
  const asked: (readonly [number, string | undefined])[] = []
  const list = createEverybodysList({
    ...{ key: '*', stream: 'events/0', nowMs: () => 7, logger: keepingLogger(lines) },
    popular: async () => ({
      source: 'POPULAR',
      modelVersion: 42,
      items: world.items.map((item) => ({ item, score: 0.5 })),
    }),
    publisher: {
      everybody(one, done) {
        written.push(one)
        if (waits) under.push(done)
        else done(true)
      },
    },
    ownership: {
      mayPublish(version, stream) {
        asked.push([version, stream])
        return world.may
      },
      get paused() {
        return world.paused
      },
    },
    isUser: (name) => name === world.user,
    pause: async () => undefined,
    ...change,
  })
  return { list, written, world, asked, lines, under }
}

test('it is written at first and whenever it has changed', async () => {
  const { list, written, world, asked } = rig()
  await list.write()
  await list.write()
  world.items = ['b', 'a']
  await list.write()
  assert.deepEqual(
    written.map(({ items }) => items.map(({ item }) => item)),
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
  )
  const { user, source, modelVersion, generatedAt, position } = written[0]!
  assert.deepEqual([user, source, modelVersion, generatedAt], ['*', 'POPULAR', 42, 7])
  assert.deepEqual(position, { stream: 'events/0', offset: -1 })
  assert.deepEqual(asked[0], [42, 'events/0'])
})

test('only who reads the stream writes it, and who gets the stream writes it anew', async () => {
  const { list, written, world } = rig()
  await list.write()
  for (const may of [false, undefined]) {
    world.may = may
    await list.write()
  }
  assert.equal(written.length, 1)
  world.may = true
  await list.write()
  assert.equal(written.length, 2)
})

test('nothing is written while publishing is paused, of an empty catalogue, or over the list of a user', async () => {
  const { list, written, world, lines } = rig()
  world.paused = true
  await list.write()
  world.paused = false
  world.items = []
  await list.write()
  world.items = ['a']
  world.user = '*'
  await list.write()
  await list.write()
  assert.deepEqual(written, [])
  assert.equal(lines.filter(({ level }) => level === 'warn').length, 1, 'told once')
  world.user = ''
  await list.write()
  assert.equal(written.length, 1)
})

test('one is under way at a time, and what was withdrawn on the way is given again', async () => {
  const { list, written, world, under } = rig({}, true)
  await list.write()
  world.items = ['c']
  await list.write()
  assert.equal(written.length, 1)
  under.pop()!(false)
  world.items = ['a', 'b']
  await list.write()
  assert.equal(written.length, 2, 'the same list as the one that was withdrawn')
  under.pop()!(true)
  await list.write()
  assert.equal(written.length, 2)
})

test('it goes on until it is told to stop', async () => {
  const stop = new AbortController()
  let rounds = 0
  const { list, world, written } = rig({
    async pause(_, signal) {
      world.items = [`i${++rounds}`]
      if (rounds < 3) return
      stop.abort()
      signal.throwIfAborted()
    },
  })
  await list.run(stop.signal)
  assert.equal(written.length, 3)
})
