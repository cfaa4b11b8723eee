// An outage is told when it begins, once a minute while it lasts, and when it is over; each kind of work for itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../src/errors.ts'
import { createOutageTelling } from '../../src/worker/failing.ts'

test('an outage is told at its start, each minute, and at its end', () => {
  const told: string[] = []
  const clock = { ms: 0 }
  const logger = {
    warn: (message: string) => void told.push(`warn ${message}`),
    info: (message: string, facts?: unknown) =>
      void told.push(`info ${message} ${JSON.stringify(facts)}`),
  }
  const tell = createOutageTelling(logger, () => clock.ms)
  const away = new Failure('STORE_UNREACHABLE', 'Redis does not answer')
  for (let tries = 0; tries < 100; tries++, clock.ms += 1_000) tell('storing events', away)
  tell('writing lists', new Failure('SINK_UNREACHABLE', 'no broker answers'))
  tell('storing events', undefined)
  assert.deepEqual(told, [
    'warn Redis does not answer; it is tried again until it works; `neupr-worker doctor` says what is wrong',
    'warn storing events still fails: Redis does not answer',
    'warn no broker answers; it is tried again until it works; `neupr-worker doctor` says what is wrong',
    'info storing events works again {"what":"storing events","seconds":100}',
  ])
  tell('storing events', away)
  assert.equal(told.length, 5, 'the next outage is a new one')
})
