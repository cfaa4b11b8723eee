// A run that grows is told from one that grows and shrinks.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figuresOf, isFlat, type Sample, slope } from './figures.ts'

function run(rssAt: (seconds: number) => number): Sample[] {
  return Array.from({ length: 121 }, (_, k) => ({
    seconds: 5 * k,
    rssMb: rssAt(5 * k),
    eventLoopP99Ms: k === 7 ? 90 : 12,
    applied: 50_000 * k,
    lists: 100 * k,
    rebalances: 0,
  }))
}

test('the slope of a line is found, and of one point there is none', () => {
  assert.equal(
    slope([
      [0, 3],
      [1, 5],
      [2, 7],
    ]),
    2,
  )
  assert.equal(slope([[4, 3]]), 0)
})

test('memory that fills up, then grows and shrinks, is flat; memory that goes on growing is not', () => {
  const full = figuresOf(run((s) => Math.min(400, 100 + 2 * s) + 20 * Math.sin(s)))
  assert.ok(isFlat(full), `${full.rssSlopeMbPerHour} MB an hour`)
  const leak = figuresOf(run((s) => 300 + 0.25 * s))
  assert.equal(leak.rssSlopeMbPerHour, 900)
  assert.ok(!isFlat(leak))
})

test('rates, totals and delays are those of the samples', () => {
  const { seconds, events, eventsPerSecond, lists, eventLoopP99Ms } = figuresOf(run(() => 200))
  assert.deepEqual([seconds, events, eventsPerSecond, lists], [600, 6_000_000, 10_000, 12_000])
  assert.deepEqual(eventLoopP99Ms, { p50: 12, max: 90 })
  assert.throws(() => figuresOf(run(() => 200).slice(0, 3)), /too few/)
})
