// A worker and the update log of its group: what is read, appended, claimed and given up, and what happens where the
// log is out of reach.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../../../src/errors.ts'
import type { UpdateLog } from '../../../src/ports/update-log.ts'
import { createMemoryUpdateLog } from '../../adapters/memory/memory-update-log.ts'
import { createWorker, current, endOf, never, positionAt, stream, until } from './exchange-rig.ts'

test('what is learned is appended every so often, and whoever takes over goes on behind it', async (t) => {
  const log = createMemoryUpdateLog()
  const one = createWorker(t, endOf(log), 'one')
  assert.equal(await one.exchange.open(0, never), true)
  await one.exchange.claim([stream], current)
  assert.equal(positionAt(one), 0)
  one.group.learn(stream, 7)
  await until('it was read back', () => positionAt(one) === 7)
  one.group.learn(stream, 3)
  await one.exchange.finish()

  const other = createWorker(t, endOf(log), 'other')
  await other.exchange.open(0, never)
  assert.equal(other.reads.at(-1)!.share, 1)
  await other.exchange.claim([stream], current)
  assert.equal(positionAt(other), 10)
})

test('events enough do not wait for the time, fewer where the group has learned little', async (t) => {
  const log = createMemoryUpdateLog()
  const one = createWorker(t, endOf(log), 'one', 600_000)
  await one.exchange.open(0, never)
  await one.exchange.claim([stream], current)
  async function appendsAfter(events: number, from: number, to: number): Promise<void> {
    one.group.learn(stream, to - from)
    one.exchange.counted(events - 1)
    await delay(20)
    assert.equal(positionAt(one), from)
    one.exchange.counted(1)
    await until('it was appended', () => positionAt(one) === to)
  }
  await appendsAfter(50, 0, 40_000)
  await appendsAfter(1_000, 40_000, 41_000)
})

test('what was learned before streams go to others is appended at once, and nothing after it', async (t) => {
  const log = createMemoryUpdateLog()
  const one = createWorker(t, endOf(log), 'one', 600_000)
  await one.exchange.open(0, never)
  await one.exchange.claim([stream], current)
  one.group.learn(stream, 5)
  one.exchange.release()
  one.group.learn(stream, 100)
  await until('it was appended', () => positionAt(one) === undefined && one.group.state!.next === 2)
  await one.exchange.claim([stream], current)
  assert.equal(positionAt(one), 5)
})

test('of two that claim at the same time one has it, and who is no longer given it lets it be', async (t) => {
  const log = createMemoryUpdateLog()
  const [one, other] = [createWorker(t, endOf(log), 'one'), createWorker(t, endOf(log), 'other')]
  await Promise.all([one.exchange.open(0, never), other.exchange.open(0, never)])
  await Promise.all([
    one.exchange.claim([stream], current),
    // The group has given it to the first meanwhile.
    other.exchange.claim([stream], () => false),
  ])
  await until('both have read all', () => one.group.state?.next === other.group.state?.next)
  assert.equal(positionAt(one), 0)
  assert.equal(positionAt(other), undefined)
})

test('a stream that a worker has claimed in its sleep is claimed again by the one whose it is', async (t) => {
  const log = createMemoryUpdateLog()
  const [one, sleeper] = [
    createWorker(t, endOf(log), 'one'),
    createWorker(t, endOf(log), 'sleeper'),
  ]
  await Promise.all([one.exchange.open(0, never), sleeper.exchange.open(0, never)])
  await one.exchange.claim([stream], current)
  one.holds = true
  one.group.learn(stream, 4)
  await until('it was read back', () => positionAt(one) === 4)
  await sleeper.exchange.claim([stream], current)
  await until('it was claimed again', () => positionAt(one) === 4)
  assert.equal(one.lines.filter(({ message }) => message.includes('claimed again')).length, 1)
})

test('an outage of the log is waited out, and records come in order', async (t) => {
  const log = createMemoryUpdateLog()
  let refuses = 3
  const flaky: UpdateLog = {
    ...endOf(log),
    async append(value) {
      if (refuses-- > 0) throw new Failure('SINK_UNREACHABLE', 'no broker answers')
      return log.append(value)
    },
  }
  const one = createWorker(t, flaky, 'one')
  await one.exchange.open(0, never)
  await one.exchange.claim([stream], current)
  for (let k = 1; k <= 5; k++) {
    refuses = k % 2
    one.group.learn(stream, 1)
    await until('it was read back', () => positionAt(one) === k)
  }
  assert.ok(one.outages.includes('appending to the update log: SINK_UNREACHABLE'))
  assert.ok(one.reads.every(({ passedOver }) => Object.keys(passedOver).length === 0))
})

test('a log that can never be read again ends the worker, and one that only is away at the end does not', async (t) => {
  const log = createMemoryUpdateLog()
  await log.append(Buffer.from('0'))
  log.deleteBefore(1)
  const late = createWorker(t, endOf(log), 'late')
  await assert.rejects(
    late.exchange.open(0, never),
    (error) => error instanceof Failure && error.code === 'RECORDS_EXPIRED',
  )
  const away: UpdateLog = {
    ...endOf(createMemoryUpdateLog()),
    append: async () => {
      throw new Failure('SINK_UNREACHABLE', 'no broker answers')
    },
  }
  const one = createWorker(t, away, 'one')
  await one.exchange.open(0, never)
  let failed: unknown
  void one.exchange.failed.then((cause) => (failed = cause))
  const claiming = one.exchange.claim([stream], current)
  one.stopping.abort()
  await assert.rejects(claiming, (error) => error instanceof Failure)
  await one.exchange.finish()
  assert.equal(failed, undefined)
})

test('how much of the log was read is told while it is read', async (t) => {
  const log = createMemoryUpdateLog()
  const one = createWorker(t, endOf(log), 'one')
  await one.exchange.open(0, never)
  await one.exchange.claim([stream], current)
  for (let k = 1; k < 60; k++) {
    one.group.learn(stream, 1)
    await until('it was read back', () => positionAt(one) === k)
  }
  const other = createWorker(t, endOf(log), 'other')
  await other.exchange.open(0, never)
  const shares = other.reads.map(({ share }) => share)
  assert.ok(shares.length > 2 && shares[0] === 0 && shares.at(-1) === 1, shares.join(' '))
  assert.deepEqual(
    shares,
    [...shares].sort((a, b) => a - b),
  )
  assert.deepEqual(new Set(other.reads.flatMap(({ authors }) => [...authors])), new Set(['one']))
})

test('a stream that ends before what was learned of it was made anew: the worker says so', async (t) => {
  const log = createMemoryUpdateLog()
  const one = createWorker(t, endOf(log), 'one')
  await one.exchange.open(0, never)
  await one.exchange.claim([stream], current)
  one.group.learn(stream, 7)
  await one.exchange.finish()
  const inside = createWorker(t, endOf(log), 'inside', 5, async () => new Map([[stream, 7]]))
  await inside.exchange.open(0, never)
  await inside.exchange.claim([stream], current)
  const beyond = createWorker(t, endOf(log), 'beyond', 5, async () => new Map([[stream, 6]]))
  await beyond.exchange.open(0, never)
  await beyond.exchange.claim([stream], current)
  const cause = await Promise.race([inside.exchange.failed, beyond.exchange.failed])
  assert.ok(cause instanceof Failure && cause.code === 'TOPIC_RECREATED')
  assert.match(cause.message, /events\/0 was learned up to 7, and it ends at 6/)
  const nothing = delay(20).then(() => 'nothing')
  assert.equal(await Promise.race([inside.exchange.failed, nothing]), 'nothing')
})
