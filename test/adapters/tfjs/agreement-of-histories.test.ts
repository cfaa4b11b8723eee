// Plain loops against the reference on networks of histories: every tensor within 1e-5 of its scale after 30 seeded
// steps. As many as are taken on networks of rows (agreement.test.ts).

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { createTfjsEngine } from '../../../src/adapters/tfjs/engine.ts'
import { covering, disagreement, nameOf, smallWorld } from '../../contracts/engine-agreement.ts'
import { reference, skip } from './reference.ts'

const TOLERANCE = 1e-5
const steps = 30

describe('30 steps of plain loops and of the reference, users as histories', { skip }, () => {
  const tfjs = createTfjsEngine(reference())
  const arrays = createArraysEngine()
  const cases = covering().filter(({ spec }) => spec.users === 'history')

  for (const one of cases) {
    test(nameOf(one), () => {
      const apart = disagreement(arrays, tfjs, { ...one, steps }, smallWorld)
      assert.ok(apart <= TOLERANCE, `relative difference ${apart}`)
    })
  }

  test('with the networks of rows these are all cases', () => {
    const rows = covering().filter(({ spec }) => spec.users === 'rows')
    assert.ok(cases.length > 0 && rows.length > 0)
    assert.equal(cases.length + rows.length, covering().length)
  })
})
