// Whether a worker says that it is ready: not before its consumer group has let it in.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../src/config.ts'
import { createConditions } from '../../src/monitor/conditions.ts'

const gate = { enabled: true, paused: false, detail: 'open' }

test('a worker that the group has not let in is not ready, and says why', () => {
  const { config } = readConfig({ flags: {}, env: {} })
  const conditions = createConditions(config, () => 0)
  conditions.started()
  conditions.beat()
  const failing = (isAssigned: boolean) =>
    conditions.all(gate, undefined, isAssigned).filter(({ ok }) => !ok)
  assert.deepEqual(failing(true), [])
  assert.deepEqual(
    failing(false).map(({ name }) => name),
    ['source'],
  )
  assert.match(failing(false)[0]!.detail, /partitions/)
  conditions.finished()
  assert.deepEqual(failing(false), [], 'a source that was read to its end needs no group')
})
