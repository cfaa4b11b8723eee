// Whether a worker says that it is ready: not before its consumer group has let it in.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../src/config.ts'
import { Failure } from '../../src/errors.ts'
import { createConditions } from '../../src/monitor/conditions.ts'

const gate = { enabled: true, paused: false, detail: 'open' }

test('a worker that the group has not let in is not ready, and says why', () => {
  const { config } = readConfig({ flags: {}, env: {} })
  const conditions = createConditions(config, () => 0)
  conditions.started()
  conditions.beat()
  const failing = (isAssigned: boolean) =>
    conditions
      .all({ gate, catchUp: undefined, isAssigned, group: undefined })
      .filter(({ ok }) => !ok)
  assert.deepEqual(failing(true), [])
  assert.deepEqual(
    failing(false).map(({ name }) => name),
    ['source'],
  )
  assert.match(failing(false)[0]!.detail, /partitions/)
  conditions.finished()
  assert.deepEqual(failing(false), [], 'a source that was read to its end needs no group')
})

test('a worker of a group is not ready before it has read the update log, and says how far it is', () => {
  const env = { NEUPR_UPDATES: 'kafka:updates', NEUPR_SOURCE: 'kafka:events' }
  const { config } = readConfig({ flags: {}, env })
  const conditions = createConditions(config, () => 0)
  conditions.started()
  conditions.beat()
  const updates = (share: number | undefined) => {
    const group =
      share === undefined ? undefined : { author: 'a/1', share, behindRecords: 0, others: [] }
    const all = conditions.all({ gate, catchUp: undefined, isAssigned: true, group })
    return all.find(({ name }) => name === 'updates')!
  }
  assert.equal(updates(undefined).ok, false)
  assert.deepEqual(updates(0.437), {
    name: 'updates',
    ok: false,
    detail: 'reading the update log, 43 %',
  })
  assert.equal(updates(1).ok, true)
  const failure = new Failure('SOURCE_UNREACHABLE', 'no broker answers')
  conditions.outage('appending to the update log', failure)
  assert.match(updates(1).detail, /appending to the update log: SOURCE_UNREACHABLE/)
})
