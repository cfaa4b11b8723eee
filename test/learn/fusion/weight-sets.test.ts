// Which weights a moment reads: by the length of the history, by the time since the newest positive, and by both.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Moment } from '../../../src/learn/part.ts'
import { momentOf } from '../moments.ts'
import { items, learn, open, parts, scored, values } from './formula-parts.ts'

/** A user with `length` positives, the newest of them `seconds` seconds ago. */
function aged(length: number, seconds: number): Moment {
  const moment = momentOf(length === 0 ? [] : [1], length)
  moment.users.historyAges[0] = seconds
  return moment
}

test('weights are per length of the history, per time since the newest positive, and per both', () => {
  const fusion = open()
  const start = [...fusion.weights(aged(0, 0))]
  const learned = aged(7, 30)
  for (let k = 0; k < 20; k++) learn(fusion, learned, items)
  const moved = (moment: Moment) =>
    fusion.weights(moment).reduce((sum, a, f) => sum + Math.abs(a - start[f]!), 0)
  const whole = moved(learned)
  assert.ok(whole > 0.1)
  for (const length of [5, 9]) assert.ok(Math.abs(moved(aged(length, 30)) - whole) < 1e-6)
  for (const length of [1, 2, 4, 10, 19, 20, 49, 50, 1_000]) {
    assert.ok(moved(aged(length, 30)) < 0.5 * whole, 'another length shares the gap alone')
    assert.equal(moved(aged(length, 100)), 0)
  }
  for (const seconds of [60, 600, 86_400, 864_000]) {
    const half = moved(aged(7, seconds))
    assert.ok(half > 0 && half < 0.5 * whole, 'another gap shares the length alone')
  }
  assert.equal(moved(aged(0, 0)), 0)
})

test('returning users are ranked with the bias of the parts, and the weights learn without it', () => {
  const biased = parts.map((part) => ({
    ...part,
    returningUserBias: part.start.map((_, k) => 0.5 + k),
    returningLongBias: part.start.map(() => 0.25),
  }))
  const [plain, other] = [open(), open(0.05, biased)]
  const [session, away] = [aged(7, 599), aged(7, 600)]
  const added = (moment: Moment) => {
    const before = [...plain.weights(moment)]
    return [...other.weights(moment)].map((a, f) => Math.round(1e4 * (a - before[f]!)) / 1e4)
  }
  assert.deepEqual(added(session), [0, 0, 0])
  assert.deepEqual(added(away), [0.5, 0.5, 1.5])
  assert.deepEqual(added(aged(49, 600)), [0.5, 0.5, 1.5])
  assert.deepEqual(added(aged(50, 600)), [0.75, 0.75, 1.75], 'with a long history')
  assert.deepEqual(added(aged(50, 599)), [0, 0, 0])
  assert.deepEqual(added(aged(0, 0)), [0, 0, 0])
  for (const moment of [session, away]) {
    assert.equal(learn(plain, moment, items), learn(other, moment, items))
  }
  assert.deepEqual([...other.save()], [...plain.save()])
  const [some, sums] = [Int32Array.of(1, 2, 3), new Float32Array(4)]
  const { scores } = scored(other, away, some)
  other.scoreAll(away, 4, sums)
  scores.forEach((score, x) => {
    const whole = other.weights(away).reduce((sum, a, f) => sum + a * values(f, some[x]!), 0)
    assert.ok(Math.abs(score - whole) < 1e-5 && Math.abs(sums[some[x]!]! - whole) < 1e-5)
  })
})
