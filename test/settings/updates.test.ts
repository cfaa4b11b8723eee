// An update log needs a shared input, learning, and the clock; other commands leave its settings alone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../src/config.ts'
import { checkUpdates } from '../../src/settings/kafka.ts'

const env = { NEUPR_UPDATES: 'kafka:updates', NEUPR_SOURCE: 'kafka:events' }
const faultsOf = (more: Record<string, string>) =>
  checkUpdates(readConfig({ flags: {}, env: { ...env, ...more } }).config)

test('what an update log does not go with is told', () => {
  assert.deepEqual(faultsOf({}), [])
  assert.match(faultsOf({ NEUPR_UPDATES: 'file:log' })[0]!, /expected kafka:TOPIC/)
  assert.match(faultsOf({ NEUPR_SOURCE: 'file:-' })[0]!, /needs --source kafka:TOPIC/)
  assert.match(faultsOf({ NEUPR_DETERMINISTIC: 'true' })[0]!, /exclude each other/)
  assert.match(faultsOf({ NEUPR_TRAINING: 'false' })[0]!, /needs --training/)
  assert.deepEqual(faultsOf({ NEUPR_UPDATES: '', NEUPR_SOURCE: 'file:-' }), [])
})

test('a command that does not share anything reads an environment with an update log', () => {
  readConfig({ flags: {}, env: { ...env, NEUPR_SOURCE: 'file:-' } })
})
