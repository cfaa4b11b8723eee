// The curves keep the whole life of the worker in bounded room.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCurves } from '../../../src/adapters/http/curves.ts'
import { createFeed } from './feed.ts'

test('rates come from differences, ratios from the window, gaps stay gaps', () => {
  const curves = createCurves(10)
  const feed = createFeed()
  const first = { ...feed.state(), trainer: undefined, lagRecords: undefined }
  curves.add(first)
  curves.add({
    ...first,
    now: first.now + 2_000,
    books: { ...first.books, consumed: first.books.consumed + 500 },
  })
  const { columns } = curves.read(-1, 0)
  assert.deepEqual(columns.eventsPerSecond, [null, 250])
  assert.deepEqual(columns.model, [null, null])
  assert.deepEqual(columns.lag, [null, null])
  curves.add(feed.state())
  assert.equal(curves.read(-1, 0).columns.model[2], 0.06)
})

test('any length of run fits: the grain grows, first and last moment stay, time goes on', () => {
  const curves = createCurves(64)
  const feed = createFeed()
  const start = feed.state().now / 1_000
  for (feed.tick = 0; feed.tick < 10_000; feed.tick++) curves.add(feed.state())
  const { grain, columns } = curves.read(-1, -1)
  const times = columns.time.map(Number)
  assert.ok(grain > 5 && times.length <= 64 && times.length >= 16, `${grain}, ${times.length}`)
  assert.ok((times[0] ?? 0) - start < 2 ** grain)
  assert.ok(start + 10_000 - (times.at(-1) ?? 0) <= 2 * 2 ** grain)
  assert.ok(times.every((time, k) => k === 0 || time > (times[k - 1] ?? 0)))
})

test('a reader of the same grain gets what is new, of another grain everything', () => {
  const curves = createCurves(64)
  const feed = createFeed()
  for (feed.tick = 0; feed.tick < 20; feed.tick++) curves.add(feed.state())
  const all = curves.read(-1, -1)
  assert.equal(all.columns.time.length, 20)
  const newest = Number(all.columns.time.at(-1))
  assert.equal(curves.read(newest, all.grain).columns.time.length, 0)
  curves.add(feed.state())
  assert.equal(curves.read(newest, all.grain).columns.time.length, 1)
  assert.equal(curves.read(newest, all.grain + 1).columns.time.length, 21)
})
