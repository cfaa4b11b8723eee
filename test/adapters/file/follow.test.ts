// Following a file as `tail -F` does. The clock is turned by hand: when the source sleeps it has seen
// everything that is there.

import assert from 'node:assert/strict'
import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { createFileEventSource } from '../../../src/adapters/file/event-source.ts'
import type { EventSource } from '../../../src/ports/event-source.ts'
import type { SourceRecord } from '../../../src/types.ts'
import { createHandClock, type HandClock } from './clocks.ts'
import { temporary } from './reading.ts'

interface Followed {
  readonly source: EventSource
  readonly clock: HandClock
  /** Everything that can be read now, until the source sleeps. */
  now(): Promise<string[]>
  readonly records: readonly SourceRecord[]
}

function follow(t: TestContext, input: string, from?: ReadonlyMap<string, number>): Followed {
  const clock = createHandClock()
  const source = createFileEventSource({
    input,
    follow: true,
    recordBytesMax: 1_000,
    batchRecordsMax: 100,
    clock,
    ...(from === undefined ? {} : { from }),
  })
  t.after(() => source.close())
  const records: SourceRecord[] = []
  async function now(): Promise<string[]> {
    const stop = new AbortController()
    const before = records.length
    for (;;) {
      const reading = source.readBatch(stop.signal)
      const batch = await Promise.race([reading, clock.asleep()])
      if (batch === undefined) stop.abort()
      const settled = batch ?? (await reading)
      if (settled === undefined) break
      records.push(...settled.records)
      await settled.ack()
      if (stop.signal.aborted) break
    }
    return records.slice(before).map((record) => record.fields?.item ?? '')
  }
  return { source, clock, now, records }
}

function lines(...items: readonly string[]): string {
  return items.map((item) => `u\t${item}\t1500000000\n`).join('')
}

async function later(followed: Followed): Promise<string[]> {
  await followed.clock.asleep()
  followed.clock.wake()
  return followed.now()
}

test('gives lines as they are completed, and half a line not before its end', async (t) => {
  const file = temporary(t)('log', lines('a', 'b'))
  const followed = follow(t, file)
  assert.deepEqual(await followed.now(), ['a', 'b'])
  assert.deepEqual(await later(followed), [])
  appendFileSync(file, `${lines('c')}u\td\t15000`)
  assert.deepEqual(await later(followed), ['c'])
  appendFileSync(file, '00000\n')
  assert.deepEqual(await later(followed), ['d'])
})

test('goes on with the new file after a rotation, the rest of the old one first', async (t) => {
  const path = temporary(t)
  const file = path('log', lines('a'))
  const followed = follow(t, file)
  assert.deepEqual(await followed.now(), ['a'])
  renameSync(file, path('log.1'))
  appendFileSync(path('log.1'), lines('b'))
  assert.deepEqual(await later(followed), ['b'])
  writeFileSync(file, lines('c', 'd'))
  assert.deepEqual(await later(followed), ['c', 'd'])
  const streams = followed.records.map((record) => record.position.stream)
  assert.deepEqual([streams[0] === streams[1], streams[1] === streams[2]], [true, false])
  assert.deepEqual(
    followed.records.map((record) => record.position.offset),
    [0, 1, 0, 1],
  )
})

test('starts over after a truncation, as another stream', async (t) => {
  const file = temporary(t)('log', lines('a', 'b', 'c'))
  const followed = follow(t, file)
  assert.deepEqual(await followed.now(), ['a', 'b', 'c'])
  truncateSync(file, 0)
  appendFileSync(file, lines('d'))
  assert.deepEqual(await later(followed), ['d'])
  const [first, , , last] = followed.records.map((record) => record.position)
  assert.equal(last?.stream, `${first?.stream}.1`)
  assert.equal(last?.offset, 0)
})

function positions(records: readonly SourceRecord[]): Map<string, number> {
  return new Map(records.map(({ position }) => [position.stream, position.offset + 1]))
}

test('a restart goes on where it stopped', async (t) => {
  const file = temporary(t)('log', lines('a', 'b'))
  const first = follow(t, file)
  assert.deepEqual(await first.now(), ['a', 'b'])
  await first.source.close()
  appendFileSync(file, lines('c'))
  const second = follow(t, file, positions(first.records))
  assert.deepEqual(await second.now(), ['c'])
})

test('what was rotated or truncated while nobody looked is not lost', async (t) => {
  const path = temporary(t)
  const file = path('log', lines('a'))
  const first = follow(t, file)
  await first.now()
  await first.source.close()
  appendFileSync(file, lines('b'))
  renameSync(file, path('log.1'))
  writeFileSync(file, lines('c', 'd', 'e'))
  const second = follow(t, file, positions(first.records))
  assert.deepEqual(await second.now(), ['b', 'c', 'd', 'e'])
  await second.source.close()
  truncateSync(file, 0)
  appendFileSync(file, lines('f'))
  const third = follow(t, file, positions([...first.records, ...second.records]))
  // First it learns that the file is shorter than its position, then it reads from the start.
  assert.deepEqual(await third.now(), ['f'])
})

test('a packed file, or several, cannot be followed: refused before anything is read', (t) => {
  const path = temporary(t)
  const packed = path('log.gz', gzipSync(lines('a')))
  assert.throws(() => follow(t, packed), /packed \(gzip\).*leave --follow out/)
  path('a.tsv', lines('a'))
  path('b.tsv', lines('b'))
  assert.throws(() => follow(t, path('?.tsv')), /follow takes one file, 2 are named/)
})
