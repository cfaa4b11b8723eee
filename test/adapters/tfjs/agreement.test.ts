// Plain loops against the reference on networks of rows: every tensor within 1e-5 of its scale after 30 seeded steps,
// and both against the numbers recorded before. Networks of histories have a file of their own, to run beside it.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { createTfjsEngine } from '../../../src/adapters/tfjs/engine.ts'
import { covering, disagreement, nameOf, smallWorld } from '../../contracts/engine-agreement.ts'
import { type Golden, goldenError, goldenOf } from '../../contracts/engine-golden.ts'
import { reference, skip } from './reference.ts'

const TOLERANCE = 1e-5
/** 100 take minutes in pure JavaScript; native TensorFlow takes them (tensorflow/conformance.ts). */
const steps = 30

describe('plain loops and the reference', { skip }, () => {
  const tfjs = createTfjsEngine(reference())
  const arrays = createArraysEngine()

  describe('30 steps of plain loops and of the reference', () => {
    for (const one of covering().filter(({ spec }) => spec.users === 'rows')) {
      test(nameOf(one), () => {
        const apart = disagreement(arrays, tfjs, { ...one, steps }, smallWorld)
        assert.ok(apart <= TOLERANCE, `relative difference ${apart}`)
      })
    }
  })

  test('both engines give the recorded numbers', () => {
    const file = new URL('../../../../test/golden/engine-steps.json', import.meta.url)
    const recorded: Golden[] = JSON.parse(readFileSync(file, 'utf8'))
    for (const engine of [arrays, tfjs]) {
      const error = goldenError(goldenOf(engine), recorded)
      assert.ok(error <= TOLERANCE, `${engine.name}: relative difference ${error}`)
    }
  })

  test('the comparison notices a step that differs in one draw', () => {
    const [one] = covering()
    const careless = {
      name: 'careless',
      create: (...given: Parameters<typeof arrays.create>) => {
        const network = arrays.create(...given)
        let taken = 0
        const step: typeof network.step = (batch, updates) =>
          network.step(
            ++taken === 15 ? { ...batch, direct: batch.direct.map((x) => 1.01 * x) } : batch,
            updates,
          )
        return { ...network, step }
      },
    }
    assert.throws(() =>
      assert.ok(disagreement(careless, tfjs, { ...one!, steps }, smallWorld) <= TOLERANCE),
    )
  })
})
