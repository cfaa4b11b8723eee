// The two laws of instances: which questions are asked, in which shares, and never of an item the user has.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createInstances, type InstancePlan } from '../../src/paper/instances.ts'
import { createPlainDraws } from '../../src/paper/plain-draws.ts'
import { Positives } from '../../src/remember/positives.ts'
import { createFreshWindow } from '../../src/sample/draws.ts'
import { createRandom } from '../../src/sample/random.ts'
import { createTripletSampler } from '../../src/sample/triplets.ts'

const items = 8
/** User u has the items below this number: users of very different weight. */
const owned = [1, 2, 6]
const plan: InstancePlan = { law: 'mirror', ratio: 1, batch: 256, freshShare: 0, window: 4 }

function make(changes: Partial<InstancePlan>) {
  const positives = new Positives({ positivesPerUserMax: 100, removalsPerUserMax: 100 })
  owned.forEach((count, user) => {
    for (let item = 0; item < count; item++) positives.add(user, item, 1_000 + item)
  })
  positives.see(0, items - 1)
  const random = createRandom(5, 'instances')
  const limits = { drawsPerTripletMax: 200, drawsPerNegativeMax: 50 }
  const sampler = createTripletSampler(positives, random, limits)
  const window = createFreshWindow(4)
  for (let item = 0; item < 4; item++) window.push(2, item)
  const draws = createPlainDraws(positives)
  const needs = { positives, draws, sampler, window, random, limits }
  const instances = createInstances(needs, { ...plan, ...changes })
  return { positives, instances }
}

/** Every question asked in a number of steps, as user, positive, negative and label. */
function questions(changes: Partial<InstancePlan>, steps: number) {
  const { positives, instances } = make(changes)
  const asked: { user: number; positive: number; negative: number; label: 0 | 1 }[] = []
  let told = 0
  for (let s = 0; s < steps; s++) {
    told += instances.draw()
    const { batch } = instances
    for (let k = 0; k < batch.count; k++) {
      for (let q = 0; q < batch.negatives; q++) {
        const negative = batch.candidates[k * batch.negatives + q]!
        if (negative < 0) continue
        const [user, positive] = [batch.userRows[k]!, batch.positives[k]!]
        assert.ok(positives.has(user, positive) && !positives.has(user, negative))
        if (batch.direct[q]! > 0) asked.push({ user, positive, negative, label: 1 })
        if (batch.mirrored[q]! > 0) asked.push({ user, positive, negative, label: 0 })
      }
    }
  }
  assert.equal(told, asked.length)
  return asked
}

test('mirror asks each pair both ways, with the same negative', () => {
  const asked = questions({}, 3)
  assert.equal(asked.length, 3 * 256)
  for (let k = 0; k < asked.length; k += 2) {
    assert.deepEqual(asked[k + 1], { ...asked[k], label: 0 })
    assert.equal(asked[k]!.label, 1)
  }
})

test('mirror with a ratio over 1 adds label 0 alone', () => {
  const asked = questions({ ratio: 3 }, 20)
  const ones = asked.filter(({ label }) => label === 1)
  assert.equal(ones.length, 20 * 64)
  assert.equal(asked.length - ones.length, 3 * ones.length)
})

test('independent draws give both labels their shares', () => {
  for (const ratio of [1, 3]) {
    const asked = questions({ law: 'uniform', ratio }, 10)
    assert.equal(asked.length, 10 * 256)
    assert.equal(asked.filter(({ label }) => label === 1).length, (10 * 256) / (1 + ratio))
  }
})

test('independent draws are uniform over all triplets under each label; the mirror is not', () => {
  const steps = 400
  const triplets = owned.reduce((sum, count) => sum + count * (items - count), 0)
  const chiSquare = (law: InstancePlan['law'], label: 0 | 1) => {
    const counts = new Map<string, number>()
    const asked = questions({ law }, steps).filter((one) => one.label === label)
    for (const { user, positive, negative } of asked) {
      const key = `${user} ${positive} ${negative}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    assert.equal(counts.size, triplets)
    const expected = asked.length / triplets
    return [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
  }
  // 30 degrees of freedom: 59.7 has p = .001. The draws are seeded, so this is no chance test.
  assert.equal(triplets, 31)
  assert.ok(chiSquare('uniform', 1) < 59.7)
  assert.ok(chiSquare('uniform', 0) < 59.7)
  assert.ok(chiSquare('mirror', 1) > 1_000)
})

test('the fresh share comes from the newest events', () => {
  const share = (freshShare: number) => {
    const asked = questions({ freshShare }, 40)
    return asked.filter(({ user, positive }) => user === 2 && positive < 4).length / asked.length
  }
  assert.equal(share(1), 1)
  // Of 9 positives 4 are in the window.
  assert.ok(Math.abs(share(0) - 4 / 9) < 0.02)
  assert.ok(Math.abs(share(0.5) - (0.5 + 2 / 9)) < 0.02)
})

test('the weights of a step are the mean over its instances', () => {
  for (const changes of [{ ratio: 2 }, { law: 'uniform' as const, ratio: 2 }]) {
    const { instances } = make(changes)
    const count = instances.draw()
    const { batch } = instances
    let weight = 0
    for (let k = 0; k < batch.count; k++) {
      for (let q = 0; q < batch.negatives; q++) {
        if (batch.candidates[k * batch.negatives + q]! >= 0)
          weight += batch.direct[q]! + batch.mirrored[q]!
      }
    }
    assert.ok(Math.abs(weight / batch.count - 1) < 1e-6, `${count} instances, weight ${weight}`)
  }
})
