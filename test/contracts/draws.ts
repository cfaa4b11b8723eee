// What draws of many triplets promise, whoever makes them: exactly uniform over D_S, never a false negative, bounded,
// and the same for the same request. The law that redraws only j must fail the same test of uniformity.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DrawRequest, Draws, IntMemory, TripletBatch } from '../../src/ports/draws.ts'
import { Positives } from '../../src/remember/positives.ts'
import { chiSquare, chiSquareLimit } from '../sample/chi-square.ts'
import { items, smallWorld } from '../sample/small-world.ts'

const limits = { positivesPerUserMax: 100, removalsPerUserMax: 100 }

export interface DrawPlace {
  readonly memory: IntMemory
  draws(positives: Positives): Draws
}

export const request = (changes: Partial<DrawRequest> = {}): DrawRequest => ({
  ...{
    law: 'uniform',
    count: 500,
    negatives: 1,
    drawsPerTripletMax: 200,
    drawsPerNegativeMax: 200,
  },
  ...{ key: 1, nonce: 0 },
  ...changes,
})

export const batchFor = (draws: number, negatives: number): TripletBatch => ({
  userRows: new Int32Array(draws),
  positives: new Int32Array(draws),
  candidates: new Int32Array(draws * negatives),
})

/** One of the users has an item that is set apart. */
function openWorld(memory: IntMemory): Positives {
  const positives = smallWorld(memory)
  const all = Array.from({ length: items }, (_, item) => item)
  positives.withhold(3, all.find((item) => !positives.has(3, item))!, 300)
  return positives
}

export function testDraws(name: string, open: () => DrawPlace): void {
  /** How often each triplet came with its `q`-th negative, by (u·items + i)·items + j. */
  function drawMany(changes: Partial<DrawRequest>, steps: number, q = 0) {
    const place = open()
    const positives = openWorld(place.memory)
    const draws = place.draws(positives)
    const { count, negatives } = request(changes)
    const into = batchFor(count, negatives)
    const counts = new Uint32Array(positives.users * items * items)
    for (let step = 0; step < steps; step++) {
      assert.equal(draws.draw(request({ ...changes, nonce: step }), into, 0), count)
      for (let k = 0; k < count; k++) {
        const [user, i] = [into.userRows[k]!, into.positives[k]!]
        const j = into.candidates[k * negatives + q]!
        assert.ok(positives.runs.placeOf(user, i) >= 0, `user ${user} has not got ${i}`)
        assert.ok(j >= 0 && !positives.has(user, j), `user ${user} has ${j}`)
        counts[(user * items + i) * items + j]!++
      }
    }
    return { positives, counts, total: count * steps }
  }

  /** χ² over all of D_S, and the value it should stay under. */
  function fairness({ positives, counts, total }: ReturnType<typeof drawMany>): [number, number] {
    const inside: number[] = []
    for (let cell = 0; cell < counts.length; cell++) {
      const [user, i] = [Math.floor(cell / items / items), Math.floor(cell / items) % items]
      const inRun = positives.placeOf(user, i) >= 0
      if (inRun && !positives.has(user, cell % items)) inside.push(counts[cell]!)
    }
    return [chiSquare(inside, total / inside.length), chiSquareLimit(inside.length - 1)]
  }

  test(`${name}: a million draws are uniform over D_S, with never a false negative`, () => {
    const [chi, limit] = fairness(drawMany({}, 2_000))
    assert.ok(chi < limit, `χ² is ${chi.toFixed(1)}, expected below ${limit.toFixed(1)}`)
  })

  test(`${name}: draws that redraw only j fail the same test`, () => {
    const [chi, limit] = fairness(drawMany({ law: 'mirror' }, 2_000))
    assert.ok(chi > 10 * limit, `χ² is only ${chi.toFixed(1)}, the test is blind`)
  })

  test(`${name}: with mirror, positives are uniform, and so is every negative of a user`, () => {
    for (const q of [0, 1, 2]) {
      const { positives, counts, total } = drawMany({ law: 'mirror', negatives: 3 }, 400, q)
      const byPositive = new Map<number, number>()
      const ofOne = new Map<number, number>()
      counts.forEach((n, cell) => {
        if (n === 0) return
        const pair = Math.floor(cell / items)
        byPositive.set(pair, (byPositive.get(pair) ?? 0) + n)
        if (Math.floor(pair / items) !== 2) return
        ofOne.set(cell % items, (ofOne.get(cell % items) ?? 0) + n)
      })
      assert.equal(byPositive.size, positives.size)
      const expected = total / positives.size
      assert.ok(chiSquare(byPositive.values(), expected) < chiSquareLimit(positives.size - 1))
      const ofOneEach = [...ofOne.values()].reduce((sum, n) => sum + n, 0) / ofOne.size
      assert.equal(ofOne.size, items - positives.count(2) - positives.earlier.count(2))
      assert.ok(chiSquare(ofOne.values(), ofOneEach) < chiSquareLimit(ofOne.size - 1))
    }
  })

  test(`${name}: the same request gives the same draws, another key or nonce others`, () => {
    const place = open()
    const draws = place.draws(openWorld(place.memory))
    const drawn = (changes: Partial<DrawRequest>) => {
      const into = batchFor(40, 2)
      draws.draw(request({ count: 40, negatives: 2, ...changes }), into, 0)
      return into
    }
    assert.deepEqual(drawn({}), drawn({}))
    assert.notDeepEqual(drawn({ key: 2 }), drawn({}))
    assert.notDeepEqual(drawn({ nonce: 1 }), drawn({}))
  })

  test(`${name}: draws are written behind those that are there`, () => {
    const place = open()
    const draws = place.draws(openWorld(place.memory))
    const into = batchFor(10, 2)
    for (const array of Object.values(into)) array.fill(77)
    assert.equal(draws.draw(request({ count: 4, negatives: 2 }), into, 5), 4)
    const untouched = [0, 1, 2, 3, 4, 9]
    assert.ok(untouched.every((k) => into.userRows[k] === 77 && into.positives[k] === 77))
    assert.ok([...into.candidates].every((j, at) => (at < 10 || at >= 18) === (j === 77)))
  })

  test(`${name}: users who have nearly everything end a draw at its bound, counted`, () => {
    const place = open()
    const positives = new Positives(limits, place.memory)
    for (let item = 0; item < items; item++) positives.add(0, item, item)
    const draws = place.draws(positives)
    const into = batchFor(3, 2)
    const bounds = { count: 3, negatives: 2, drawsPerTripletMax: 7, drawsPerNegativeMax: 5 }
    assert.equal(draws.draw(request(bounds), into, 0), 0)
    assert.deepEqual([draws.rejected, draws.saturated, draws.missing], [21, 3, 0])
    assert.equal(draws.draw(request({ ...bounds, law: 'mirror' }), into, 0), 0)
    assert.deepEqual([draws.rejected, draws.saturated, draws.missing], [30, 6, 0])
    // With one more item, and one try for each negative, many stay without: never the first of a draw.
    positives.see(0, items)
    const drawn = draws.draw(request({ ...bounds, count: 200, law: 'mirror' }), batchFor(200, 2), 0)
    assert.ok(drawn > 0 && drawn < 200, `${drawn} of 200`)
    assert.ok(draws.missing > 0 && draws.missing < drawn)
  })

  test(`${name}: nothing comes of nothing`, () => {
    const place = open()
    const positives = new Positives(limits, place.memory)
    const draws = place.draws(positives)
    assert.equal(draws.draw(request(), batchFor(500, 1), 0), 0)
    positives.add(0, 0, 1)
    positives.see(0, 1)
    assert.equal(draws.draw(request({ count: 0 }), batchFor(0, 1), 0), 0)
    assert.equal(draws.draw(request({ count: 2 }), batchFor(2, 1), 0), 2)
    positives.remove(0, 0, 2)
    assert.equal(draws.draw(request(), batchFor(500, 1), 0), 0)
  })
}
