// The join of the main side: a batch is acknowledged when it is safe and not before, whatever fails and comes back,
// in the order of its stream; and the books balance.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../src/errors.ts'
import { eventText, recordOf, rigOf } from './app/rig.ts'

const bad = 'not an event'

function wishToForget(stream: string, offset: number, user: string) {
  return { position: { stream, offset }, key: user, value: null }
}

test('dead letters, store and queue have a batch before it is acknowledged; then all is drained and kept', async () => {
  const rig = rigOf({
    records: [
      recordOf('a', 0, eventText('u', 'x', 0)),
      recordOf('a', 1, bad),
      recordOf('a', 2, eventText('u', 'y', 1)),
    ],
  })
  await rig.run()
  assert.deepEqual(rig.diary, [
    ...['dead 1', 'stored x', 'queued a to 2', 'acked a to 2'],
    ...['stored y', 'queued a to 3', 'acked a to 3'],
    ...['all read', 'drained', 'flushed', 'checkpoint'],
  ])
  assert.deepEqual(rig.read, ['a to 2', 'a to 3'])
  assert.deepEqual(
    rig.letters.map(({ position, fault }) => [position.offset, fault.reason]),
    [[1, 'not_json']],
  )
})

test('a wish to forget cuts a batch in two, and the position never passes what is not queued', async () => {
  const rig = rigOf({
    batchRecordsMax: 9,
    records: [
      recordOf('a', 0, eventText('u', 'x', 0)),
      wishToForget('a', 1, 'u'),
      recordOf('a', 5, eventText('u', 'y', 1)),
    ],
  })
  await rig.run()
  assert.deepEqual(rig.diary.slice(0, 6), [
    ...['stored x', 'forgot u', 'queued a to 5', 'stored y', 'queued a to 6', 'acked a to 6'],
  ])
  const [state] = await rig.store.read(['u'])
  assert.deepEqual(
    state!.added.map(([item]) => item),
    ['y'],
  )
})

const places = { 'dead letters': 'dead', store: 'stored', 'the store at a wish': 'forgot' }
for (const [name, word] of Object.entries(places)) {
  test(`${name} out of reach: tried again in order, with signs of life, and nothing is acknowledged`, async () => {
    let failures = 3
    const rig = rigOf({
      records: ['a', 'b', 'c'].flatMap((item, k) => [
        recordOf('s', 3 * k, eventText('u', item, k)),
        recordOf('s', 3 * k + 1, bad),
        wishToForget('s', 3 * k + 2, 'someone'),
      ]),
      batchRecordsMax: 3,
      at(line) {
        if (!line.startsWith(word) || failures === 0) return
        failures--
        throw new Failure('STORE_UNREACHABLE', 'not there')
      },
    })
    await rig.run()
    assert.deepEqual(
      rig.diary.filter((line) => line.startsWith('waiting')),
      Array(3).fill('waiting s to 3'),
    )
    assert.deepEqual(
      rig.outages.map((failure) => failure?.code),
      [...Array(3).fill('STORE_UNREACHABLE'), undefined],
    )
    // What was stored before the failure is stored again, which changes nothing.
    const others = rig.diary
      .filter((line) => !line.startsWith('waiting'))
      .filter((line, k, all) => line !== all[k - 1])
    assert.deepEqual(
      others,
      ['a', 'b', 'c']
        .flatMap((item, k) => [
          ...[`dead ${3 * k + 1}`, `stored ${item}`, 'forgot someone'],
          ...[`queued s to ${3 * k + 3}`, `acked s to ${3 * k + 3}`],
        ])
        .concat('all read', 'drained', 'flushed', 'checkpoint'),
    )
  })
}

test('while one stream is held up the others go on, no further than the bound', async () => {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const records = [
    recordOf('slow', 0, eventText('u', 'held', 0)),
    recordOf('slow', 1, eventText('u', 'behind', 1)),
    ...[0, 1, 2, 3].map((k) => recordOf('quick', k, eventText('v', `q${k}`, k))),
  ]
  const rig = rigOf({
    records,
    batchRecordsMax: 1,
    batchesInFlightMax: 3,
    at(line) {
      if (line === 'acked quick to 4') open()
      return line === 'stored held' ? opened : undefined
    },
  })
  await rig.run()
  const acks = rig.diary.filter((line) => line.startsWith('acked'))
  assert.deepEqual(
    acks.slice(0, 4),
    [1, 2, 3, 4].map((to) => `acked quick to ${to}`),
  )
  assert.deepEqual(acks.slice(4), ['acked slow to 1', 'acked slow to 2'])
})

test('the books balance: consumed = applied + forgotten + dead + skipped, by batch and by stream', async () => {
  const kinds = {
    event: (stream: string, k: number) => recordOf(stream, k, eventText(`u${k % 3}`, `i${k}`, k)),
    dead: (stream: string, k: number) => recordOf(stream, k, k % 2 === 0 ? bad : '{"user":"u"}'),
    forget: (stream: string, k: number) => wishToForget(stream, k, `u${k % 3}`),
    blank: (stream: string, k: number) => ({ ...recordOf(stream, k, ''), fields: {} }),
  }
  const kind = fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[]))
  const record = fc.tuple(fc.constantFrom('a', 'b'), kind)
  const property = fc.asyncProperty(
    fc.array(record),
    fc.integer({ min: 1, max: 7 }),
    async (drawn, size) => {
      const next = { a: 0, b: 0 }
      const records = drawn.map(([stream, name]) => {
        const key = stream as 'a' | 'b'
        return kinds[name](key, next[key]++)
      })
      const rig = rigOf({ records, batchRecordsMax: size })
      await rig.run()
      const total = (counts: Readonly<Record<string, number>>) =>
        Object.values(counts).reduce((sum, n) => sum + n, 0)
      const sums = { a: 0, b: 0 }
      for (const { stream, consumed, applied, forgotten, dead, skipped } of rig.outcomes) {
        assert.equal(consumed, applied + forgotten + total(dead) + total(skipped))
        sums[stream as 'a' | 'b'] += consumed
      }
      assert.deepEqual(sums, next)
      const count = (wanted: string) => drawn.filter(([, name]) => name === wanted).length
      const sum = (of: (outcome: (typeof rig.outcomes)[number]) => number) =>
        rig.outcomes.reduce((all, outcome) => all + of(outcome), 0)
      assert.equal(
        sum(({ applied }) => applied),
        count('event'),
      )
      assert.equal(
        sum(({ forgotten }) => forgotten),
        count('forget'),
      )
      assert.equal(
        sum(({ dead }) => total(dead)),
        count('dead'),
      )
      assert.equal(rig.letters.length, count('dead'))
      assert.equal(
        sum(({ skipped }) => total(skipped)),
        count('blank'),
      )
      // The trainer's books say the same.
      const told = rig.taken.reduce(
        (all, { dead, skipped }) => all + total(dead) + total(skipped),
        0,
      )
      assert.equal(told, count('dead') + count('blank'))
      for (const stream of ['a', 'b'] as const) {
        assert.equal(rig.source.acknowledged.get(stream) ?? 0, next[stream])
      }
    },
  )
  await fc.assert(property, { seed: 5, numRuns: 200 })
})
