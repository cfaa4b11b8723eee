// What is owed after overload: nothing is lost below the bound, the oldest go first, and a restart forgets none of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { viewOf } from '../../../src/trainer/checkpoint/whole-state.ts'
import { createDebt, type Owed } from '../../../src/trainer/model/debt.ts'

const owed = fc
  .tuple(fc.nat(1e9), fc.nat(1e9), fc.boolean(), fc.integer({ min: 1, max: 250 }))
  .map(([user, item, draws, share]) => ({ user, item, draws, replays: share / 250 }))
const steps = fc.array(fc.oneof(owed, fc.constant('next' as const)), { maxLength: 4000 })

test('a debt gives back what was owed, oldest first, and counts what the bound made it give up', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), steps, (eventsMax, all) => {
      const debt = createDebt(eventsMax)
      const expected: Owed[] = []
      let givenUp = 0
      for (const step of all) {
        if (step === 'next') {
          assert.deepEqual(debt.next(), expected.shift())
          continue
        }
        debt.owe(step)
        expected.push(step)
        if (expected.length > eventsMax) {
          expected.shift()
          givenUp++
        }
      }
      assert.equal(debt.events, expected.length)
      assert.equal(debt.givenUp, givenUp)
      const restored = createDebt(eventsMax)
      restored.restore(viewOf(debt.state()))
      assert.equal(restored.givenUp, givenUp)
      for (const one of expected) assert.deepEqual(restored.next(), one)
      assert.equal(restored.next(), undefined)
    }),
    { numRuns: 200 },
  )
})

test('nothing is remembered at a bound of 0, and all of it is counted', () => {
  const debt = createDebt(0)
  debt.owe({ user: 1, item: 2, draws: true, replays: 1 })
  assert.equal(debt.events, 0)
  assert.equal(debt.givenUp, 1)
  assert.equal(debt.next(), undefined)
})
