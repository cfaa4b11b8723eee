// Pacing by rate and replay by event time, on a clock whose sleeps pass at once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFileEventSource } from '../../../src/adapters/file/event-source.ts'
import { createFastClock } from './clocks.ts'
import { temporary } from './reading.ts'

interface Given {
  readonly at: number
  readonly item: string
}

/** When each record was given, by the clock. */
async function timed(input: string, pace: { rate?: number; speed?: number }): Promise<Given[]> {
  const clock = createFastClock()
  const options = { input, recordBytesMax: 1_000, batchRecordsMax: 100, clock, ...pace }
  const source = createFileEventSource(options)
  const given: Given[] = []
  const never = new AbortController().signal
  for (let batch = await source.readBatch(never); batch; batch = await source.readBatch(never)) {
    for (const { fields } of batch.records)
      given.push({ at: clock.now(), item: fields?.item ?? '' })
    await batch.ack()
  }
  await source.close()
  return given
}

function lines(times: readonly number[]): string {
  return times.map((time, index) => `u\ti${index}\t${time}\n`).join('')
}

test('a rate holds over any stretch of the run', async (t) => {
  const file = temporary(t)('a.tsv', lines(Array.from({ length: 1_000 }, () => 1_500_000_000)))
  for (const rate of [50, 400, 20_000]) {
    const given = await timed(file, { rate })
    assert.equal(given.length, 1_000)
    given.forEach(({ at }, index) => {
      assert.ok(index <= (at * rate) / 1_000 + 1, `record ${index} came at ${at} ms`)
    })
    const end = given[999]!.at
    assert.ok(end <= 999_000 / rate + 10, `${end} ms for 1,000 records at ${rate}/s`)
  }
})

test('a replay keeps the gaps between event times, divided by the speed', async (t) => {
  const start = 1_500_000_000
  const after = [0, 3_600, 3_600, 7_200, 1_800, 36_000]
  const file = temporary(t)('a.tsv', lines(after.map((seconds) => start + seconds)))
  const given = await timed(file, { speed: 3_600 })
  // Late events do not wait: they came after what came before them.
  assert.deepEqual(
    given.map(({ at }) => Math.round(at)),
    [0, 1_000, 1_000, 2_000, 2_000, 10_000],
  )
})

test('a replay reads the times of JSON lines too, and passes over lines without one', async (t) => {
  const line = (time: number): string => `{"user":"u","item":"i","timestamp":${time}}\n`
  const file = temporary(t)(
    'a.ndjson',
    `${line(1_500_000_000_000)}{"broken\n${line(1_500_000_060_000)}`,
  )
  const given = await timed(file, { speed: 60 })
  assert.deepEqual(
    given.map(({ at }) => Math.round(at)),
    [0, 0, 1_000],
  )
})

test('without pace or speed nobody sleeps', async (t) => {
  const file = temporary(t)('a.tsv', lines([1_500_000_000, 1_600_000_000]))
  assert.deepEqual(
    (await timed(file, {})).map(({ at }) => at),
    [0, 0],
  )
})
