// Lists by a score that is computed for the items nearest to the top only, against a plain one that looks at the items
// one by one in the same order.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createBentRanker, type Stages } from '../../src/rank/bent-list.ts'

interface World {
  readonly linear: readonly number[]
  readonly added: readonly number[]
  readonly scale: number
  readonly k: number
  readonly shortlist: number
  readonly margin: number
}

const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ min: -9, max: 9, noNaN: true }),
)
const worlds = fc
  .oneof(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 100, max: 500 }))
  .chain((n) =>
    fc.record<World>({
      linear: fc.array(number, { minLength: n, maxLength: n }),
      scale: fc.constantFrom(0.05, 1),
      added: fc.array(number, { minLength: n, maxLength: n }),
      k: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 80 })),
      shortlist: fc.integer({ min: 1, max: 400 }),
      margin: fc.constantFrom(0, 0.5, 2, 20, Number.POSITIVE_INFINITY),
    }),
  )

/** By place in the order of the sum: items, and how many of them are looked at. */
function plain({ linear, added, scale, k, shortlist, margin }: World) {
  const l = Float32Array.from(linear)
  const s = Float32Array.from(l, (one, i) => one + scale * added[i]!)
  const order = [...l.keys()].sort((a, b) => l[b]! - l[a]! || a - b)
  const best = (size: number) => order.slice(0, size).sort((a, b) => s[b]! - s[a]!)
  const [more, longest] = [Math.max(2 * k, 64), Math.max(2 * k, shortlist)]
  let [size, least] = [Math.min(more, longest), Number.NEGATIVE_INFINITY]
  for (; size < Math.min(longest, l.length); size = Math.min(size + more, longest)) {
    const u = order.slice(0, size).map((i) => s[i]! - l[i]!)
    const worst = s[best(size)[k - 1]!]!
    const beyond = (worst > least ? 2 : 1) * margin
    least = worst
    if (l[order[size - 1]!]! + Math.max(...u) + beyond < worst) break
  }
  return { l, s, order, size: Math.min(size, l.length), list: best(size).slice(0, k) }
}

test('the best of those that are looked at, whatever of the others was scored with them', () => {
  const rank = createBentRanker()
  let early = 0
  const property = fc.property(worlds, (world) => {
    const { l, s, order, size, list } = plain(world)
    const seen = new Set<number>()
    let [asked, bent, all] = [0, 0, 0]
    let scores = new Float32Array(0)
    const stages: Stages = {
      nearest(most) {
        asked++
        const items = Int32Array.from(order.slice(0, most))
        return { count: items.length, items, scores: Float32Array.from(items, (i) => l[i]!) }
      },
      bend(items) {
        bent++
        for (const item of items) seen.add(item)
        all += items.length
        // Written over by the next call with as many.
        if (scores.length !== items.length) scores = new Float32Array(items.length)
        items.forEach((item, x) => {
          scores[x] = s[item]!
        })
        return scores
      },
    }
    const found = rank(stages, world.k, world)
    assert.deepEqual([...found.items], list)
    assert.ok(order.slice(0, size).every((item) => seen.has(item)))
    assert.equal(all, seen.size, 'none is scored twice')
    assert.ok(bent <= asked, `scored ${bent} times for ${asked} times asked`)
    if (size < Math.min(l.length, world.shortlist)) early++
  })
  fc.assert(property, { numRuns: 500 })
  assert.ok(early > 10, `${early}`)
})
