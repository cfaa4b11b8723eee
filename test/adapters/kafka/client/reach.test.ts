// A broker that is away is told once, each minute, and when it answers again; other lines are not taken for it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createReach } from '../../../../src/adapters/kafka/client/reach.ts'

test('a broker out of reach is told once a minute and once when it is back', () => {
  const told: [string, unknown][] = []
  const clock = { ms: 0 }
  const logger = {
    repeated: (_: string, message: string, facts?: unknown) => void told.push([message, facts]),
    info: (message: string, facts?: unknown) => void told.push([message, facts]),
  }
  const reach = createReach(logger, () => clock.ms)
  reach.connected('a:9092')
  assert.equal(reach.hears('Response Heartbeat timed out', 'a:9092'), false)
  assert.deepEqual(told, [])
  const line = 'Connection error: connect ECONNREFUSED'
  for (let tries = 0; tries < 90; tries++, clock.ms += 1_000) {
    assert.equal(reach.hears(line, 'a:9092'), true)
  }
  assert.equal(told.length, 2)
  assert.match(told[0]![0], /broker a:9092 cannot be reached; it is tried again/)
  assert.deepEqual(told[1]![1], { broker: 'a:9092', error: line, tries: 61, seconds: 60 })
  reach.connected('b:9092')
  reach.connected('a:9092')
  reach.connected('a:9092')
  assert.deepEqual(told.slice(2), [
    ['the Kafka broker a:9092 answers again', { broker: 'a:9092', tries: 90, seconds: 90 }],
  ])
})
