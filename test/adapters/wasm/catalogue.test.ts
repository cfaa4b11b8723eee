// Logarithms of counts for a whole catalogue in lanes, against Math.log; and what items have of a history, against
// plain loops.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCatalogue } from '../../../src/adapters/wasm/catalogue.ts'
import { lagFeatures } from '../../../src/learn/parts/cosines.ts'
import { numbers } from '../../contracts/engine-worlds.ts'

test('sums of logarithms are those of Math.log, from nothing to millions, after the memory has grown', () => {
  const catalogue = createCatalogue()
  const next = numbers(4)
  for (const [n, kinds] of [
    [1, 1],
    [7, 3],
    [40_000, 3],
    [1_001, 2],
  ] as const) {
    const counts = Float64Array.from({ length: n * kinds + 3 }, (_, at) =>
      at % 5 === 0 ? 0 : 2 ** (40 * next() - 20) * (at % 3 === 0 ? 2 ** 300 : 1),
    )
    const scales = Float64Array.from({ length: kinds }, (_, k) => (k === 1 ? 0.3 : 2 ** -300))
    const weights = Float32Array.from({ length: kinds }, (_, k) => 1 - k)
    const onto = Float32Array.from({ length: n }, () => next())
    const plain = catalogue.logs(counts, n, scales, weights).slice()
    const sums = catalogue.logs(counts, n, scales, weights, onto).slice()
    assert.equal(plain.length, n)
    for (let i = 0; i < n; i++) {
      let sum = 0
      let size = 1
      for (let k = 0; k < kinds; k++) {
        const log = Math.log(1 + counts[i * kinds + k]! * scales[k]!)
        if (!(log < 69)) continue
        sum += weights[k]! * log
        size += Math.abs(weights[k]! * log)
      }
      const isIn = counts
        .subarray(i * kinds, i * kinds + kinds)
        .every((c, k) => c * scales[k]! < 2 ** 99)
      if (!isIn) continue
      assert.ok(Math.abs(plain[i]! - sum) < 1e-6 * size, `${n} ${i}: ${plain[i]} ${sum}`)
      assert.ok(Math.abs(sums[i]! - sum - onto[i]!) < 1e-6 * (size + 1), `${i}: ${sums[i]}`)
    }
  }
})

test('logarithms that stand are used again, and made anew where others were written over them', () => {
  const next = numbers(9)
  for (const [n, between] of [
    [5_000, 404],
    [20, 404],
    [1, 3],
  ] as const) {
    const [catalogue, fresh] = [createCatalogue(), createCatalogue()]
    const counts = Float64Array.from({ length: 2 * n }, () => 100 * next())
    const scales = Float64Array.of(1, 0.25)
    const weigh = (a: number, b: number, same: boolean) => {
      const weights = Float32Array.of(a, b)
      const sums = catalogue.logs(counts, n, scales, weights, undefined, same)
      assert.deepEqual(sums, fresh.logs(counts, n, scales, weights))
    }
    weigh(1, 2, false)
    weigh(-3, 0.5, true)
    catalogue.log1p(Float32Array.from({ length: between }, next), 0, between)
    weigh(0.1, 4, true)
  }
})

test('logarithms of some values are those of Math.log, and no others change', () => {
  const catalogue = createCatalogue()
  const next = numbers(5)
  for (const n of [1, 6, 404, 50_000]) {
    const values = Float32Array.from({ length: n + 5 }, (_, at) =>
      at % 4 === 0 ? 0 : 2 ** (60 * next() - 30),
    )
    const before = values.slice()
    catalogue.log1p(values, 3, n)
    for (let at = 0; at < n + 5; at++) {
      const isAsked = at >= 3 && at < 3 + n
      const wanted = isAsked ? Math.log(1 + before[at]!) : before[at]!
      const slack = isAsked ? 1e-6 * Math.max(1, wanted) : 0
      assert.ok(Math.abs(values[at]! - wanted) <= slack, `${n} ${at}: ${values[at]} ${wanted}`)
    }
  }
  assert.throws(() => catalogue.log1p(new Float32Array(3), 1, 3), RangeError)
})

test('too few counts or weights are refused', () => {
  const catalogue = createCatalogue()
  const [counts, scales] = [new Float64Array(5), new Float64Array(2)]
  assert.throws(() => catalogue.logs(counts, 3, scales, new Float32Array(2)), RangeError)
  assert.throws(() => catalogue.logs(counts, 2, scales, new Float32Array(1)), RangeError)
})

test('what items have of a history is the same by the kernel, for any number of items, lags and bins', () => {
  const next = numbers(11)
  const { lagFeatures: compiled } = createCatalogue()
  for (const n of [1, 2, 101, 7, 300, 101]) {
    for (const ends of [Int32Array.of(20), Int32Array.of(1, 2, 4, 8, 20), Int32Array.of(3, 4)]) {
      const window = ends.at(-1)!
      for (const lags of [0, 1, 3, window]) {
        const given = {
          ...{ n, lags, ends, bent: 10 },
          counts: Int32Array.from({ length: window * n }, () => Math.floor(9 * next() - 4) ** 2),
          factors: Float64Array.from({ length: window }, next),
          scales: Float64Array.from({ length: n }, next),
          order: Int32Array.from({ length: n }, (_, x) => (x + 3) % n),
        }
        const [plain, fast] = [lagFeatures, compiled].map((find) => {
          const [features, sums] = [new Float32Array((ends.length + 2) * n), new Float64Array(n)]
          find(given, features, sums)
          return { features, sums }
        })
        assert.deepEqual(fast, plain, `${n} items, ${lags} lags`)
        const sum = given.counts.reduce(
          (all, count, at) => (at < lags * n ? all + count * given.factors[(at / n) | 0]! : all),
          0,
        )
        assert.equal(
          sum > 0,
          plain!.sums.some((value) => value > 0),
        )
      }
    }
  }
  const short = { ...{ n: 2, lags: 3, ends: Int32Array.of(3), bent: 10 }, order: new Int32Array(2) }
  const arrays = {
    counts: new Int32Array(5),
    factors: new Float64Array(3),
    scales: new Float64Array(2),
  }
  const give = () => compiled({ ...short, ...arrays }, new Float32Array(6), new Float64Array(2))
  assert.throws(give, RangeError)
})
