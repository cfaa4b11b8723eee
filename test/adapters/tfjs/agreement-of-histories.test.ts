// Plain loops against the reference on networks of histories: every tensor within 1e-5 of its scale after 100 seeded
// steps. The longest of the unit tests, on purpose.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { createTfjsEngine } from '../../../src/adapters/tfjs/engine.ts'
import { covering, disagreement, nameOf, smallWorld } from '../../contracts/engine-agreement.ts'
import { reference, skip } from './reference.ts'

const TOLERANCE = 1e-5

describe('100 steps of plain loops and of the reference, users as histories', { skip }, () => {
  const tfjs = createTfjsEngine(reference())
  const arrays = createArraysEngine()
  const cases = covering().filter(({ spec }) => spec.users === 'history')

  for (const one of cases) {
    test(nameOf(one), () => {
      const apart = disagreement(arrays, tfjs, one, smallWorld)
      assert.ok(apart <= TOLERANCE, `relative difference ${apart}`)
    })
  }

  test('with the networks of rows these are all cases', () => {
    const rows = covering().filter(({ spec }) => spec.users === 'rows')
    assert.ok(cases.length > 0 && rows.length > 0)
    assert.equal(cases.length + rows.length, covering().length)
  })
})
