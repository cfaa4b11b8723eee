// What a start reads of the store: nothing before the work but in a deterministic run, and then only what
// belongs to its input.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planReading } from '../../src/app/store-reading.ts'

const live = { deterministic: false, shared: true, readsStore: true } as const

test('with a checkpoint nothing is scanned: users are read when met, the others when there is time', () => {
  assert.deepEqual(planReading({ ...live, resumes: true }), {
    ...{ scans: false, checks: true, readsMet: true, isFirst: false },
  })
})

test('without one all is read beside the work', () => {
  assert.deepEqual(planReading({ ...live, resumes: false }), {
    ...{ scans: true, checks: false, readsMet: true, isFirst: false },
  })
})

test('a deterministic run learns what its input says: from a checkpoint it reads nothing else', () => {
  const alone = { deterministic: true, shared: false, readsStore: true } as const
  const resumed = planReading({ ...alone, resumes: true })
  assert.deepEqual([resumed.scans, resumed.checks, resumed.readsMet], [false, false, false])
  const first = planReading({ ...alone, resumes: false })
  assert.deepEqual([first.scans, first.isFirst], [true, true])
})
