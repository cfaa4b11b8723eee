// The mirror goes on after a restore as if nothing had been: the same sets, the same draws, the same bytes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Tensor } from '../../src/ports/checkpoint-store.ts'
import { namesOf } from '../../src/ports/live-state.ts'
import type { Positives } from '../../src/remember/positives.ts'
import { createRandom } from '../../src/sample/random.ts'
import { createTripletSampler } from '../../src/sample/triplets.ts'
import { copyOf } from '../../src/trainer/checkpoint/whole-state.ts'
import { strengths } from '../contracts/positive-stories.ts'
import { createFollower } from '../ports/follower.ts'
import { changes, event, mirror, setsOf, tell } from './stories.ts'

test('draws, changes and saves go on identically after a restore, at any moment', () => {
  const story = fc.record({
    before: fc.array(event([...changes, 'forget'], strengths), { minLength: 5, maxLength: 80 }),
    after: fc.array(event([...changes, 'forget'], strengths), { maxLength: 40 }),
    apart: fc.boolean(),
  })
  const property = fc.property(story, ({ before, after, apart }) => {
    const one = mirror(3, 3, 2)
    tell(one, before)
    if (apart && one.takes(1, 7, 9)) one.withhold(1, 7, 9)
    const other = mirror(3, 3, 2)
    const tensors = copied(copyOf(one.state()))
    const out: string[] = []
    other.restore(tensors, one.users, one.items, (state) => {
      // What it is told of it reads no more.
      for (const name of namesOf({ ...state, rest: () => new Map() })) {
        if (tensors.delete(name)) out.push(name)
      }
    })
    assert.ok(out.includes('positives.items') && out.includes('positives.times'))
    assert.deepEqual(setsOf(other), setsOf(one))
    assert.deepEqual(drawsOf(other), drawsOf(one))
    const saved = createFollower(one.state())
    tell(one, after)
    tell(other, after)
    assert.deepEqual(saved.next(), copyOf(one.state()), 'only what was written to')
    assert.deepEqual(drawsOf(other), drawsOf(one))
    assert.deepEqual([...copyOf(other.state())], [...copyOf(one.state())], 'bit for bit')
  })
  fc.assert(property, { numRuns: 400, seed: 4 })
})

function copied(tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return structuredClone(new Map(tensors))
}

function drawsOf(positives: Positives): number[] {
  const limits = { drawsPerTripletMax: 100, drawsPerNegativeMax: 100 }
  const sampler = createTripletSampler(positives, createRandom(7), limits)
  const out = { user: 0, place: 0, i: 0, j: 0 }
  return Array.from({ length: 30 }).flatMap(() =>
    sampler.uniform(out) ? [out.user, out.place, out.i, out.j] : [-1],
  )
}
