// How a run ends before its source does: what only a person can mend, told to stop, and failures that no call hears.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../src/errors.ts'
import { eventText, recordOf, rigOf } from './rig.ts'

test('what only a person can mend ends the run: not acknowledged, nothing behind it begun', async () => {
  const conflict = new Failure('STORE_CONFLICT', 'of another program')
  const rig = rigOf({
    records: [0, 1, 2, 3].map((k) => recordOf('a', k, eventText('u', `i${k}`, k))),
    batchRecordsMax: 1,
    at(line) {
      if (line === 'stored i1') throw conflict
    },
  })
  await assert.rejects(rig.run(), conflict)
  assert.deepEqual(rig.diary, ['stored i0', 'queued a to 1', 'acked a to 1'])
})

test('a trainer that has failed ends the run before the batch is acknowledged', async () => {
  const failed = new Failure('TRAINER_FAILED', 'out of memory')
  const rig = rigOf({
    records: [recordOf('a', 0, eventText('u', 'x', 0))],
    at(line) {
      if (line.startsWith('queued')) throw failed
    },
  })
  await assert.rejects(rig.run(), failed)
  assert.deepEqual(rig.diary, ['stored x'])
})

test('a trainer that fails while nothing arrives ends the run', async () => {
  const rig = rigOf({ records: [], endless: true })
  const ended = rig.run()
  const failed = new Failure('TRAINER_FAILED', 'out of memory')
  rig.failTrainer(failed)
  await assert.rejects(ended, failed)
  assert.deepEqual(rig.diary, [])
})

test('a sink that fails for good while nothing arrives ends the run', async () => {
  const full = new Failure('SINK_UNWRITABLE', 'no space')
  const rig = rigOf({
    records: [recordOf('a', 0, eventText('u', 'x', 0))],
    endless: true,
    at(line) {
      if (line.startsWith('wrote')) throw full
      if (line.startsWith('acked')) rig.publish('u')
    },
  })
  await assert.rejects(rig.run(), full)
  assert.deepEqual(rig.diary, ['stored x', 'queued a to 1', 'acked a to 1'])
})

test('told to stop: the batch in hand is finished, all that was read is kept', async () => {
  const rig = rigOf({
    records: [0, 1, 2, 3].map((k) => recordOf('a', k, eventText('u', `i${k}`, k))),
    batchRecordsMax: 1,
    batchesInFlightMax: 1,
    at(line) {
      if (line === 'stored i1') rig.stop.abort()
    },
  })
  await rig.run()
  assert.deepEqual(rig.diary.slice(-6), [
    ...['queued a to 2', 'acked a to 2', 'all read', 'drained', 'flushed', 'checkpoint'],
  ])
  assert.equal(rig.source.acknowledged.get('a'), 2)
})

test('told to stop while something is out of reach: the failure says what, not that it was told', async () => {
  const out = new Failure('STORE_UNREACHABLE', 'not there')
  const rig = rigOf({
    records: [recordOf('a', 0, eventText('u', 'x', 0))],
    at(line) {
      if (!line.startsWith('stored')) return
      if (rig.outages.length === 1) rig.stop.abort()
      throw out
    },
  })
  await assert.rejects(rig.run(), out)
  assert.equal(rig.source.acknowledged.get('a'), undefined)
})
