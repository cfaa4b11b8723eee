// Draws inside the kernel's memory keep what draws promise, and are those of the plain loops, bit by bit, whatever has
// happened to the sets. The memory they lie in is used again, grows under them, and ends with a clear word.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createDrawMemory } from '../../../src/adapters/wasm/draws/draw-memory.ts'
import { createPlainDraws } from '../../../src/paper/plain-draws.ts'
import { Positives } from '../../../src/remember/positives.ts'
import { createRandom, type Random } from '../../../src/sample/random.ts'
import { copyOf } from '../../../src/trainer/checkpoint/whole-state.ts'
import { batchFor, request, testDraws } from '../../contracts/draws.ts'

testDraws('kernel', () => {
  const memory = createDrawMemory()
  return { memory, draws: memory.draws }
})

/** Some adding, taking back and forgetting, of users who differ much; sometimes an item is set apart. */
function live(positives: Positives, random: Random, users: number, items: number, events: number) {
  for (let n = 0; n < events; n++) {
    const user = Math.floor(users * random.unit() ** 3)
    const item = Math.floor(items * random.unit() ** 2)
    const what = random.below(100)
    if (what === 0) positives.forget(user)
    else if (what < 8) positives.remove(user, item, n)
    else if (what === 8 && !positives.withheld.has(user) && positives.takes(user, item, n))
      positives.withhold(user, item, n)
    else positives.add(user, item, n)
  }
}

test('the kernel draws what the plain loops draw, while sets grow and shrink', () => {
  const memory = createDrawMemory()
  const limits = { positivesPerUserMax: 60, earlierItemsPerUserMax: 100, removalsPerUserMax: 50 }
  const positives = new Positives(limits, memory)
  const [kernel, plain] = [memory.draws(positives), createPlainDraws(positives)]
  const random = createRandom(1)
  const compared = { draws: 0, rejected: 0, missing: 0 }
  for (let turn = 0; turn < 60; turn++) {
    live(positives, random, 40 * (turn + 1), 20 + 10 * turn, 50 * (turn + 1))
    for (const law of ['uniform', 'mirror'] as const) {
      const [count, negatives] = [1 + random.below(700), 1 + random.below(5)]
      const bounds = {
        drawsPerTripletMax: 1 + random.below(4),
        drawsPerNegativeMax: 1 + random.below(3),
      }
      const [key, nonce] = [random.word(), random.word()]
      const asked = request({ law, count, negatives, ...bounds, key, nonce })
      const [mine, theirs] = [batchFor(count, negatives), batchFor(count, negatives)]
      const [drawn, expected] = [kernel.draw(asked, mine, 0), plain.draw(asked, theirs, 0)]
      assert.equal(drawn, expected)
      for (const [name, n] of [
        ['userRows', 1],
        ['positives', 1],
        ['candidates', negatives],
      ] as const) {
        assert.deepEqual(mine[name].subarray(0, drawn * n), theirs[name].subarray(0, drawn * n))
      }
      assert.equal(kernel.rejected, plain.rejected)
      assert.equal(kernel.saturated, plain.saturated)
      assert.equal(kernel.missing, plain.missing)
      compared.draws += drawn
      compared.rejected += kernel.rejected
      compared.missing += kernel.missing
    }
  }
  assert.ok(positives.earlier.size > 100 && positives.earlier.dropped > 0)
  assert.ok(compared.draws > 10_000 && compared.rejected > 1_000 && compared.missing > 100)
})

test('where nearly every slot is empty, both end a request after as many attempts', () => {
  const memory = createDrawMemory()
  const positives = new Positives({ positivesPerUserMax: 300, removalsPerUserMax: 50 }, memory)
  const users = 40_000
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < 5; item++) positives.add(user, item, item)
  }
  for (let user = 1; user < users; user++) positives.forget(user)
  positives.see(0, 9)
  const draws = [memory.draws(positives), createPlainDraws(positives)]
  const counts = new Set<number>()
  for (let nonce = 0; nonce < 8; nonce++) {
    const [mine, theirs] = draws.map((own) => {
      const into = batchFor(5, 2)
      return { drawn: own.draw(request({ count: 5, negatives: 2, nonce }), into, 0), into }
    })
    assert.deepEqual(mine, theirs)
    counts.add(mine!.drawn)
  }
  assert.ok(counts.size > 2, `always ${[...counts].join()} draws`)
})

test('sets in the kernel go on after a restore as if nothing had happened', () => {
  const limits = { positivesPerUserMax: 60, earlierItemsPerUserMax: 100, removalsPerUserMax: 50 }
  const [first, second] = [createDrawMemory(), createDrawMemory()]
  const before = new Positives(limits, first)
  live(before, createRandom(2), 500, 300, 20_000)
  const after = new Positives(limits, second)
  after.restore(copyOf(before.state()), before.users, before.items)
  const [one, two] = [batchFor(400, 2), batchFor(400, 2)]
  const asked = request({ count: 400, negatives: 2 })
  assert.equal(first.draws(before).draw(asked, one, 0), 400)
  assert.equal(second.draws(after).draw(asked, two, 0), 400)
  assert.deepEqual(two, one)
})

test('arrays are zeros, apart from each other, and keep what is in them while others come and go', () => {
  const size = fc.integer({ min: 0, max: 40_000 })
  fc.assert(
    fc.property(fc.array(fc.tuple(size, fc.boolean()), { maxLength: 40 }), (story) => {
      const memory = createDrawMemory()
      const kept: { array: Int32Array; mark: number }[] = []
      story.forEach(([length, frees], mark) => {
        const array = memory.take(length)
        assert.equal(array.length, length)
        assert.ok(array.every((value) => value === 0))
        kept.push({ array: array.fill(mark + 1), mark: mark + 1 })
        if (frees) memory.free(kept.splice(mark % kept.length, 1)[0]!.array)
      })
      for (const { array, mark } of kept) assert.ok(array.every((value) => value === mark))
    }),
    { numRuns: 60 },
  )
})

test('arrays that double find room in what they left behind', () => {
  // Twelve arrays of 1.5 MiB in all at the end; with all that they were before, it would be 3 MiB.
  const memory = createDrawMemory(2.5 * 2 ** 20)
  const arrays = Array.from({ length: 12 }, () => memory.take(16))
  for (let length = 32; length <= 2 ** 15; length *= 2) {
    for (const [k, array] of arrays.entries()) {
      arrays[k] = memory.take(length)
      memory.free(array)
    }
  }
  assert.ok(arrays.every((array) => array.length === 2 ** 15))
})

test('the end of the memory is refused with what to do, and sets from elsewhere are, too', () => {
  const memory = createDrawMemory(2 ** 20)
  const expected = /need .* GiB, .* ends at .* GiB: lower --users-max/
  assert.throws(() => memory.take(2 ** 20), { code: 'LIMIT_REACHED', message: expected })
  assert.equal(memory.take(1_000).length, 1_000)
  const elsewhere = new Positives({ positivesPerUserMax: 10, removalsPerUserMax: 10 })
  elsewhere.add(0, 0, 1)
  assert.throws(() => memory.draws(elsewhere).draw(request(), batchFor(500, 1), 0), RangeError)
})
