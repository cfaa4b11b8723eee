// Draws from D_S are exactly uniform, never a false negative, and bounded. The usual way, which redraws j alone,
// must fail the same test.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Positives } from '../../src/remember/positives.ts'
import { createRandom, type Random } from '../../src/sample/random.ts'
import { createTripletSampler, type Triplet } from '../../src/sample/triplets.ts'
import { chiSquare, chiSquareLimit } from './chi-square.ts'
import { items, smallWorld } from './small-world.ts'

const draws = 10_000_000
const limits = { drawsPerTripletMax: 200, drawsPerNegativeMax: 200 }

/** χ² of the triplets drawn against the uniform law over D_S, and the value it should stay under. */
function fairness(positives: Positives, draw: (out: Triplet) => boolean): [number, number] {
  const cells = positives.users * items * items
  const counts = new Uint32Array(cells)
  const out: Triplet = { user: 0, place: 0, i: 0, j: 0 }
  for (let k = 0; k < draws; k++) {
    assert.ok(draw(out))
    counts[(out.user * items + out.i) * items + out.j]!++
  }
  const inside: number[] = []
  for (let user = 0; user < positives.users; user++) {
    for (let i = 0; i < items; i++) {
      for (let j = 0; j < items; j++) {
        const count = counts[(user * items + i) * items + j]!
        if (positives.placeOf(user, i) >= 0 && !positives.has(user, j)) inside.push(count)
        else assert.equal(count, 0, `(${user},${i},${j}) is not in D_S`)
      }
    }
  }
  return [chiSquare(inside, draws / inside.length), chiSquareLimit(inside.length - 1)]
}

test('ten million draws are uniform over D_S, with never a false negative', () => {
  const positives = smallWorld()
  const sampler = createTripletSampler(positives, createRandom(1), limits)
  const [chi, limit] = fairness(positives, sampler.uniform)
  assert.ok(chi < limit, `χ² is ${chi.toFixed(1)}, expected below ${limit.toFixed(1)}`)
  assert.ok(sampler.counts.rejected > draws / 10)
  assert.equal(sampler.counts.saturated, 0)
})

test('the way that redraws only j fails the same test', () => {
  const positives = smallWorld()
  const sampler = createTripletSampler(positives, createRandom(1), limits)
  const [chi, limit] = fairness(positives, (out) => {
    if (!sampler.positive(out)) return false
    out.j = sampler.negative(out.user)
    return out.j >= 0
  })
  assert.ok(chi > 100 * limit, `χ² is only ${chi.toFixed(1)}, the test is blind`)
})

test('the triplet names the place of i in the run', () => {
  const positives = smallWorld()
  const sampler = createTripletSampler(positives, createRandom(2), limits)
  const out: Triplet = { user: 0, place: 0, i: 0, j: 0 }
  for (let k = 0; k < 2_000; k++) {
    assert.ok(sampler.uniform(out))
    assert.equal(positives.placeOf(out.user, out.i), out.place)
  }
})

test('negatives of one user are uniform over what the user does not have', () => {
  const positives = smallWorld()
  const sampler = createTripletSampler(positives, createRandom(3), limits)
  const counts = new Map<number, number>()
  const n = 200_000
  for (let k = 0; k < n; k++) {
    const j = sampler.negative(3)
    assert.ok(!positives.has(3, j))
    counts.set(j, (counts.get(j) ?? 0) + 1)
  }
  assert.equal(counts.size, items - positives.count(3))
  assert.ok(chiSquare(counts.values(), n / counts.size) < chiSquareLimit(counts.size - 1))
})

test('users who have everything end a draw at its bound, counted', () => {
  const positives = new Positives({ positivesPerUserMax: 100, removalsPerUserMax: 100 })
  for (let item = 0; item < items; item++) positives.add(0, item, item)
  let words = 0
  const random: Random = counting(createRandom(1), () => words++)
  const sampler = createTripletSampler(positives, random, {
    drawsPerTripletMax: 7,
    drawsPerNegativeMax: 5,
  })
  const out: Triplet = { user: 0, place: 0, i: 0, j: 0 }
  assert.equal(sampler.negative(0), -1)
  assert.equal(words, 5)
  assert.deepEqual({ ...sampler.counts }, { rejected: 5, saturated: 1 })
  assert.equal(sampler.uniform(out), false)
  assert.deepEqual({ ...sampler.counts }, { rejected: 12, saturated: 2 })
  const empty = new Positives({ positivesPerUserMax: 100, removalsPerUserMax: 100 })
  const nothing = createTripletSampler(empty, random, limits)
  assert.equal(nothing.uniform(out), false)
  assert.equal(nothing.positive(out), false)
  assert.equal(nothing.negative(0), -1)
})

function counting(random: Random, onDraw: () => void): Random {
  return {
    ...random,
    below(n) {
      onDraw()
      return random.below(n)
    },
  }
}
