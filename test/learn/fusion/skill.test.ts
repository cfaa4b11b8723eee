// Which features have foretold what a user takes: a moving mean that goes on from a checkpoint to the last bit.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSkill } from '../../../src/learn/fusion/context.ts'
import { viewOf } from '../../../src/trainer/checkpoint/whole-state.ts'

test('the skill of a user is a moving mean of the places; a user who is forgotten begins anew', () => {
  const skill = createSkill(2)
  const read = (user: number): number[] => {
    const out = new Float32Array(3)
    skill.read(user, out, 1)
    return [...out.subarray(1)].map((value) => Math.round(1e4 * value) / 1e4)
  }
  skill.learn(3, Float32Array.of(1, 0.25))
  skill.learn(3, Float32Array.of(0.5, 0.25))
  assert.deepEqual(read(3), [0.08, -0.09])
  assert.deepEqual(
    [read(2), read(90), read(-1)],
    [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  )
  const other = createSkill(3)
  other.restore(viewOf({ live: [skill.live], rest: () => new Map() }), [-1, 1, 0])
  const out = new Float32Array(3)
  other.read(3, out, 0)
  assert.deepEqual(
    [...out].map((value) => Math.round(1e4 * value) / 1e4),
    [0, -0.09, 0.08],
  )
  const same = createSkill(2)
  same.restore(viewOf({ live: [skill.live], rest: () => new Map() }), [0, 1])
  for (const one of [skill, same]) one.learn(3, Float32Array.of(0.3, 1 / 3))
  const [learned, again] = [new Float32Array(2), new Float32Array(2)]
  skill.read(3, learned, 0)
  same.read(3, again, 0)
  assert.deepEqual(again, learned)
  skill.forget(Int32Array.of(3, 700))
  assert.deepEqual(read(3), [0, 0])
})
