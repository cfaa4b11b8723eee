// The generators: known answers, exact uniformity, states that go on, purposes that do not meddle.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../src/sample/random.ts'
import { chiSquareLimit } from './chi-square.ts'

test('gives the words of xoshiro128** for a known state', () => {
  // The first outputs of the authors' C program for the state 1, 2, 3, 4.
  const random = createRandom(0)
  random.restore(Uint32Array.of(1, 2, 3, 4))
  const words = Array.from({ length: 10 }, () => random.word())
  assert.deepEqual(words, [
    ...[11_520, 0, 5_927_040, 70_819_200, 2_031_721_883],
    ...[1_637_235_492, 1_287_239_034, 3_734_860_849, 3_729_100_597, 4_258_142_804],
  ])
})

for (const n of [1, 2, 3, 7, 1000, 2 ** 21 - 1, 2 ** 21, 2 ** 21 + 1, 3 * 2 ** 30, 2 ** 32]) {
  test(`below(${n}) is in range and fills ten equal parts equally`, () => {
    const random = createRandom(11, `below ${n}`)
    const parts = Math.min(n, 10)
    const counts = new Array<number>(parts).fill(0)
    const draws = 60_000
    for (let k = 0; k < draws; k++) {
      const drawn = random.below(n)
      assert.ok(Number.isInteger(drawn) && drawn >= 0 && drawn < n)
      counts[Math.floor((drawn / n) * parts)]!++
    }
    let chi = 0
    for (let part = 0; part < parts; part++) {
      const size = Math.ceil(((part + 1) * n) / parts) - Math.ceil((part * n) / parts)
      const expected = (draws * size) / n
      chi += (counts[part]! - expected) ** 2 / expected
    }
    assert.ok(chi <= chiSquareLimit(parts - 1), `χ² ${chi}`)
  })
}

test('below() throws unfair words away: without that, 3·2^30 would favour a third of the results', () => {
  const n = 3 * 2 ** 30
  const random = createRandom(5)
  const plain = createRandom(5)
  const draws = 100_000
  let low = 0
  let lowByRemainder = 0
  for (let k = 0; k < draws; k++) {
    if (random.below(n) < 2 ** 30) low++
    if (plain.word() % n < 2 ** 30) lowByRemainder++
  }
  assert.ok(Math.abs(low / draws - 1 / 3) < 0.006, `${low}`)
  assert.ok(Math.abs(lowByRemainder / draws - 1 / 2) < 0.006, 'the control is biased')
})

test('every result of a small n is met, and equal seeds and purposes give equal words', () => {
  const random = createRandom(3)
  const seen = new Set(Array.from({ length: 500 }, () => random.below(37)))
  assert.equal(seen.size, 37)
  const words = (seed: number, purpose?: string) => {
    const one = createRandom(seed, purpose)
    return Array.from({ length: 8 }, () => one.word()).join()
  }
  assert.equal(words(3, 'a'), words(3, 'a'))
  const all = [0, 1, 2, 2 ** 32, 2 ** 32 + 1].flatMap((seed) =>
    ['', 'a', 'b', 'test', 'probe'].map((purpose) => words(seed, purpose)),
  )
  assert.equal(new Set(all).size, all.length, 'every seed and purpose has words of its own')
})

test('purposes of one seed are not correlated', () => {
  const [one, other] = [createRandom(9, 'fusion'), createRandom(9, 'test')]
  const n = 100_000
  let sum = 0
  for (let k = 0; k < n; k++) sum += (one.unit() - 0.5) * (other.unit() - 0.5) * 12
  assert.ok(Math.abs(sum / n) < 4 / Math.sqrt(n), `correlation ${sum / n}`)
})

test('goes on where state() was taken, and refuses another state', () => {
  const random = createRandom(4, 'x')
  random.normal()
  const state = random.state()
  const next = Array.from({ length: 5 }, () => [random.word(), random.below(9), random.normal()])
  const other = createRandom(99)
  other.restore(state)
  const again = Array.from({ length: 5 }, () => [other.word(), other.below(9), other.normal()])
  assert.deepEqual(again, next)
  assert.throws(() => other.restore(new Uint32Array(3)), RangeError)
})

test('unit() stays below 1, normal() has mean 0 and variance 1', () => {
  const random = createRandom(6)
  const n = 100_000
  let [sum, squares, units] = [0, 0, 0]
  for (let k = 0; k < n; k++) {
    const unit = random.unit()
    assert.ok(unit >= 0 && unit < 1)
    units += unit
    const x = random.normal()
    sum += x
    squares += x * x
  }
  assert.ok(Math.abs(units / n - 0.5) < 0.004)
  assert.ok(Math.abs(sum / n) < 0.013)
  assert.ok(Math.abs(squares / n - 1) < 0.02)
})
