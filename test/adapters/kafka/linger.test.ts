// When a delivery lets the next fetch come: at once where more is there, after a while where it has reached the end.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EachBatchPayload } from 'kafkajs'
import { DeliveryGroup } from '../../../src/adapters/kafka/source/deliver.ts'
import { createLinger, waitingMax } from '../../../src/adapters/kafka/source/linger.ts'

/** One record at offset 7, where the partition ends at `end`. */
function batchUpTo(end: number): EachBatchPayload['batch'] {
  const message = { offset: '7', timestamp: '0', key: null, value: null, attributes: 0, size: 0 }
  return {
    ...{ topic: 'events', partition: 0, messages: [message], highWatermark: String(end) },
    ...{ firstOffset: () => '7', lastOffset: () => '7', isEmpty: () => false },
    ...{ offsetLag: () => '0', offsetLagLow: () => '0' },
  }
}

const pauseOf = (group: DeliveryGroup) => (ms: number) => group.pause(ms)
const [atEnd, amidst] = [batchUpTo(8), batchUpTo(9)]
const now = (): number => performance.now()
/** The test would take this long where it waited for it. */
const long = 60_000

test('a delivery that reaches the end of its partition lasts until the next fetch may come', async () => {
  let atMs = 1_000
  const pause = async (ms: number) => void (atMs += ms)
  const linger = createLinger(60, () => atMs)
  linger.fetched()
  atMs += 10
  await linger.after(atEnd, pause)
  assert.equal(atMs, 1_060)
  // By now the next one has been due for long.
  atMs += 5
  await linger.after(atEnd, pause)
  assert.equal(atMs, 1_065)
})

test('where more records wait, or no pause is wanted, the next fetch comes at once', async () => {
  const linger = createLinger(long, now)
  linger.fetched()
  await linger.after(amidst, pauseOf(new DeliveryGroup()))
  const none = createLinger(0, now)
  none.fetched()
  await none.after(atEnd, pauseOf(new DeliveryGroup()))
})

test('a pause ends with its group, and batches of other partitions do not wait for it', async () => {
  const linger = createLinger(long, now)
  linger.fetched()
  const group = new DeliveryGroup()
  const all = Array.from({ length: waitingMax }, () => linger.after(atEnd, pauseOf(group)))
  await linger.after(atEnd, pauseOf(group))
  group.drain()
  await Promise.all(all)
  linger.fetched()
  await linger.after(atEnd, pauseOf(group))
  const other = new DeliveryGroup()
  const last = linger.after(atEnd, pauseOf(other))
  other.close()
  await last
})
