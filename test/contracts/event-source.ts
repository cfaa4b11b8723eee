// What every event source must do. An adapter hands in how to open one on given values; each test
// opens its own. The values are one JSON object each, all in one stream.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventBatch, EventSource } from '../../src/ports/event-source.ts'
import type { Positions, SourceRecord } from '../../src/types.ts'

export interface OpenOptions {
  readonly batchRecordsMax: number
  readonly unackedBatchesMax: number
}

export interface SourceUnderTest {
  /** Gives the values and then ends. */
  readonly source: EventSource
  /** The same input after a crash, when these positions had been made durable. */
  restart(acknowledged: Positions): Promise<EventSource>
  clean(): Promise<void>
}

export type OpenSource = (
  values: readonly string[],
  options: OpenOptions,
) => Promise<SourceUnderTest>

const never = new AbortController().signal
const usual = { batchRecordsMax: 10, unackedBatchesMax: 8 }

export function eventSourceContract(name: string, open: OpenSource): void {
  const contract = (promise: string, body: (open: OpenSource) => Promise<void>): void => {
    test(`${name}: ${promise}`, () => body(open))
  }
  contract('gives every record once and in order, then ends', everythingInOrder)
  contract('gives batches of one stream, not empty, not over the limit', batchesAreBounded)
  contract('stops giving when too much is unacknowledged, goes on after an ack', unackedIsBounded)
  contract('gives again what was not acknowledged before a crash', repeatsAfterCrash)
  contract('answers undefined to an aborted signal and loses nothing', abortLosesNothing)
  contract('takes a second ack of a batch for nothing', secondAckIsNothing)
  contract('ends a waiting read when it is closed, and can be closed twice', closeEndsRead)
  contract('never has a negative lag', lagIsNotNegative)
}

function valuesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      user: `u${index % 7}`,
      item: `i${index}`,
      timestamp: 1_500_000_000_000 + index,
    }),
  )
}

function texts(records: readonly SourceRecord[]): string[] {
  return records.map((record) => Buffer.from(record.value ?? []).toString('utf8'))
}

async function drain(source: EventSource): Promise<SourceRecord[]> {
  const all: SourceRecord[] = []
  for (;;) {
    const batch = await source.readBatch(never)
    if (batch === undefined) return all
    all.push(...batch.records)
    await batch.ack()
  }
}

async function everythingInOrder(open: OpenSource): Promise<void> {
  const values = valuesOf(57)
  const { source, clean } = await open(values, usual)
  const records = await drain(source)
  assert.deepEqual(texts(records), values)
  const offsets = records.map((record) => record.position.offset)
  assert.deepEqual(
    offsets,
    [...new Set(offsets)].sort((a, b) => a - b),
  )
  assert.equal(await source.readBatch(never), undefined)
  await source.close()
  await clean()
}

async function batchesAreBounded(open: OpenSource): Promise<void> {
  const { source, clean } = await open(valuesOf(33), { ...usual, batchRecordsMax: 4 })
  for (let batch = await source.readBatch(never); batch; batch = await source.readBatch(never)) {
    assert.ok(batch.records.length >= 1 && batch.records.length <= 4)
    assert.equal(new Set(batch.records.map((record) => record.position.stream)).size, 1)
    await batch.ack()
  }
  await source.close()
  await clean()
}

/** Unlike that of AbortSignal.timeout, this timer keeps the process alive. */
function abortedAfter(ms: number): AbortSignal {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), ms)
  return stop.signal
}

async function unackedIsBounded(open: OpenSource): Promise<void> {
  const values = valuesOf(30)
  const { source, clean } = await open(values, { batchRecordsMax: 5, unackedBatchesMax: 2 })
  // However long the source takes to start.
  const first = await source.readBatch(never)
  assert.ok(first)
  const batches: EventBatch[] = [first]
  for (;;) {
    const batch = await source.readBatch(abortedAfter(100))
    if (batch === undefined) break
    batches.push(batch)
  }
  assert.ok(batches.length >= 1 && batches.length <= 2, `${batches.length} batches were given`)
  const before = batches.flatMap((batch) => texts(batch.records))
  const waiting = source.readBatch(never)
  for (const batch of batches) await batch.ack()
  const next = await waiting
  assert.ok(next)
  await next.ack()
  const after = await drain(source)
  assert.deepEqual([...before, ...texts(next.records), ...texts(after)], values)
  await source.close()
  await clean()
}

async function repeatsAfterCrash(open: OpenSource): Promise<void> {
  const values = valuesOf(25)
  const { source, restart, clean } = await open(values, usual)
  const first = await source.readBatch(never)
  assert.ok(first)
  await first.ack()
  const second = await source.readBatch(never)
  assert.ok(second)
  await source.close()
  const { stream, offset } = first.records[first.records.length - 1]!.position
  const again = await restart(new Map([[stream, offset + 1]]))
  const records = await drain(again)
  assert.deepEqual(texts(records), values.slice(first.records.length))
  assert.deepEqual(records[0]?.position, second.records[0]?.position)
  await again.close()
  await clean()
}

async function abortLosesNothing(open: OpenSource): Promise<void> {
  const values = valuesOf(20)
  const { source, clean } = await open(values, usual)
  assert.equal(await source.readBatch(AbortSignal.abort()), undefined)
  const stop = new AbortController()
  const waiting = source.readBatch(stop.signal)
  stop.abort()
  const batch = await waiting
  const seen = batch === undefined ? [] : texts(batch.records)
  await batch?.ack()
  assert.deepEqual([...seen, ...texts(await drain(source))], values)
  await source.close()
  await clean()
}

async function secondAckIsNothing(open: OpenSource): Promise<void> {
  const values = valuesOf(40)
  const { source, clean } = await open(values, { batchRecordsMax: 5, unackedBatchesMax: 2 })
  const first = await source.readBatch(never)
  assert.ok(first)
  await first.ack()
  await first.ack()
  const rest = await drain(source)
  assert.deepEqual([...texts(first.records), ...texts(rest)], values)
  await source.close()
  await clean()
}

async function closeEndsRead(open: OpenSource): Promise<void> {
  const { source, clean } = await open(valuesOf(30), { batchRecordsMax: 10, unackedBatchesMax: 1 })
  const held = await source.readBatch(never)
  assert.ok(held)
  const waiting = source.readBatch(never)
  await source.close()
  assert.equal(await waiting, undefined)
  assert.equal(await source.readBatch(never), undefined)
  await source.close()
  await clean()
}

async function lagIsNotNegative(open: OpenSource): Promise<void> {
  const { source, clean } = await open(valuesOf(12), usual)
  const check = (): void => assert.ok((source.lag() ?? 0) >= 0)
  check()
  for (let batch = await source.readBatch(never); batch; batch = await source.readBatch(never)) {
    check()
    await batch.ack()
  }
  check()
  await source.close()
  await clean()
}
