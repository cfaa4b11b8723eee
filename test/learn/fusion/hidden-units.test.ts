// The units of the hidden layer: the gradient against central differences of the loss; and the compiled loops, also
// those of the sums over features, against the plain ones.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { createPlainUnits } from '../../../src/learn/fusion/hidden-units.ts'
import type { HiddenShape, HiddenUnits } from '../../../src/ports/scoring.ts'
import { numbers } from '../../contracts/engine-worlds.ts'

/** With so large an epsilon a step is about as long as its gradient: rounding does not decide where it goes. */
const step = { follow: 0.1, pull: 0.1, epsilon: 0.1 }

function filled(length: number, next: () => number, scale = 1): Float32Array {
  return Float32Array.from({ length }, () => scale * (next() - 0.5))
}

function start(units: HiddenUnits, seed: number): void {
  units.weights.set(filled(units.weights.length, numbers(seed), 1.5))
}

/** -log softmax of item 0 as the formula says, for weights as they are. */
function lossOf(
  units: HiddenUnits,
  features: Float32Array,
  n: number,
  context: Float32Array,
  s: Float32Array,
): number {
  const out = new Float32Array(n)
  units.sums.put(features, n)
  units.score(context, out)
  const sums = Array.from(out, (u, x) => u + s[x]!)
  return Math.log(sums.reduce((sum, one) => sum + Math.exp(one), 0)) - sums[0]!
}

test('the moments move along the gradient of the loss', () => {
  const shape = { features: 3, contexts: 2, units: 5 }
  const units = createPlainUnits(shape)
  const next = numbers(4)
  start(units, 3)
  const n = 9
  const [features, context, s] = [filled(3 * n, next, 4), filled(2, next, 2), filled(n, next, 2)]
  units.sums.put(features, n)
  units.learn(context, s, { ...step, pull: 0 })
  for (const moment of units.moments) moment.fill(0)
  const loss = units.learn(context, s, { ...step, follow: 0, pull: 0 })
  assert.ok(Math.abs(loss - lossOf(units, features, n, context, s)) < 1e-6)
  const { weights } = units
  let seen = 0
  for (let at = 0; at < weights.length; at++) {
    const known = weights[at]!
    const shifted = (by: number) => {
      weights[at] = known + by
      return lossOf(units, features, n, context, s)
    }
    const slope = (shifted(1e-2) - shifted(-1e-2)) / 2e-2
    weights[at] = known
    const gradient = units.moments[0][at]! / 0.1
    if (Math.abs(gradient) > 1e-3) seen++
    assert.ok(
      Math.abs(gradient - slope) < 2e-3 + 0.03 * Math.abs(slope),
      `${at}: ${gradient}, ${slope}`,
    )
  }
  assert.ok(seen > weights.length / 2, `${seen}`)
})

test('the mean and variance are those of the values so far, and places those of item 0', () => {
  for (const units of bothOf({ features: 2, contexts: 1, units: 4 })) {
    const features = Float32Array.of(1003, 1001, 1005, 1003, 7, 7, 7, 7)
    const s = new Float32Array(4)
    units.sums.put(features, 4)
    units.learn(Float32Array.of(0), s, { ...step, follow: 1 })
    assert.deepEqual(
      [...units.spread].map((one) => Math.round(1e4 * one) / 1e4),
      [1003, 7, 2, 0],
    )
    // One is smaller, one is equal.
    assert.ok(Math.abs(units.places[0]! - 0.5) < 1e-6)
    assert.ok(Math.abs(units.places[1]! - 0.5) < 1e-6)
  }
})

test('the compiled units learn what the plain ones do, for any number of items, features and units', () => {
  const shapes = [
    { features: 1, contexts: 1, units: 1 },
    { features: 3, contexts: 0, units: 4 },
    { features: 19, contexts: 26, units: 12 },
    { features: 6, contexts: 7, units: 13 },
  ]
  for (const shape of shapes) {
    const [plain, compiled] = bothOf(shape) as [HiddenUnits, HiddenUnits]
    start(plain, 6)
    start(compiled, 6)
    const next = numbers(9)
    for (let event = 0; event < 60; event++) {
      const n = 2 + Math.floor(130 * next())
      const features = filled(shape.features * n, next, 6).map((value, at) => value + 5 * (at % 3))
      const [context, s] = [filled(shape.contexts, next, 3), filled(n, next, 3)]
      if (n > 5) s[3] = Number.NEGATIVE_INFINITY
      for (const units of [plain, compiled]) units.sums.put(features, n)
      const expected = plain.learn(context, s, step)
      close(compiled.learn(context, s, step), expected, 'loss')
      const [one, other] = [new Float32Array(n), new Float32Array(n)]
      plain.score(context, one)
      compiled.score(context, other)
      one.forEach((value, x) => void close(other[x]!, value, `score ${event}.${x}`))
      plain.places.forEach((value, f) => void close(compiled.places[f]!, value, 'place'))
    }
    plain.spread.forEach((value, f) => void close(compiled.spread[f]!, value, 'spread'))
  }
})

test('more items than are computed at once get the same scores', () => {
  const shape = { features: 4, contexts: 1, units: 6 }
  const [plain, compiled] = bothOf(shape) as [HiddenUnits, HiddenUnits]
  start(plain, 6)
  start(compiled, 6)
  const n = 1_301
  const [features, context] = [filled(4 * n, numbers(2), 4), Float32Array.of(0.3)]
  for (const units of [plain, compiled]) {
    units.spread.fill(1)
    units.sums.put(features, n)
  }
  const [one, other] = [new Float32Array(n), new Float32Array(n)]
  plain.score(context, one)
  compiled.score(context, other)
  assert.ok(new Set(one).size > 1_000)
  one.forEach((value, x) => void close(other[x]!, value, `${x}`))
})

test('the compiled sums are the plain ones to the last bit, for any number of items, features and parts', () => {
  const next = numbers(12)
  for (const features of [1, 4, 19, 22]) {
    const [plain, compiled] = bothOf({ features, contexts: 0, units: 0 }).map(({ sums }) => sums)
    for (const n of [1, 2, 7, 8, 101, 101, 333, 64]) {
      const all = filled(features * n, next, 20)
      const [weights, slopes] = [filled(features, next, 3), filled(n, next)]
      if (features > 1) weights[features >> 1] = 0
      const pairs = Math.ceil(n / 4)
      const js = Int32Array.from({ length: pairs + 1 }, () => Math.floor(n * next()))
      const pulls = Float64Array.from({ length: pairs + 1 }, next)
      const ends = Int32Array.from(features > 4 ? [3, 4, features] : [features])
      const found = [plain!, compiled!].map((sums) => {
        sums.put(all, n)
        const by = { sum: new Float32Array(n), pulled: new Float32Array(features) }
        const sloped = new Float32Array(features)
        sums.weigh(weights, by.sum)
        sums.pulls(js, pulls, pairs, by.pulled)
        sums.slopes(slopes, sloped)
        const columns = sums.weighParts(ends, weights, by.sum).map((column) => [...column])
        const { sums: totals, squares } = sums.totals()
        return { ...by, sloped, columns, totals: [...totals], squares: [...squares] }
      })
      assert.deepEqual(found[1], found[0], `${features} features of ${n} items`)
      assert.ok(found[0]!.sum.some((value) => value !== 0))
      const [{ columns, sum, totals }] = found as [(typeof found)[0]]
      let own = 0
      for (let f = 0; f < ends[0]!; f++) own = Math.fround(own + weights[f]! * all[f * n]!)
      assert.deepEqual([columns[0]![0], columns[1]![0]], [own, Math.fround(sum[0]! - own)])
      assert.equal(
        totals[0],
        all.subarray(0, n).reduce((total, value) => total + value, 0),
      )
    }
  }
})

test('numbers that do not fit are refused', () => {
  const units = createWasmEngine().hiddenUnits!({ features: 3, contexts: 2, units: 4 })
  const { sums } = units
  assert.throws(() => sums.put(new Float32Array(11), 4), RangeError)
  sums.put(new Float32Array(12), 4)
  assert.throws(() => units.score(new Float32Array(1), new Float32Array(4)), RangeError)
  assert.throws(() => sums.weigh(new Float32Array(2), new Float32Array(4)), RangeError)
  assert.throws(() => sums.weigh(new Float32Array(3), new Float32Array(3)), RangeError)
  assert.throws(() => sums.slopes(new Float32Array(3), new Float32Array(3)), RangeError)
})

function bothOf(shape: HiddenShape): HiddenUnits[] {
  return [createPlainUnits(shape), createWasmEngine().hiddenUnits!(shape)]
}

function close(found: number, expected: number, what: string): void {
  const most = 2e-3 * (1 + Math.abs(expected))
  assert.ok(Math.abs(found - expected) < most, `${what}: ${found}, ${expected}`)
}
