// Where nothing is learned, the store alone mirrorsStore: the trainer is told how far the input is done, and whom to
// forget, but no event.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventText, recordOf, rigOf } from './rig.ts'

test('without training events are stored and counted, and nothing else is made of them', async () => {
  const records = [
    recordOf('a', 0, eventText('u', 'x', 0)),
    recordOf('a', 1, 'not an event'),
    { ...recordOf('a', 2, ''), key: 'u', value: null },
    recordOf('a', 3, eventText('v', 'y', 1)),
  ]
  const rig = rigOf({ records, batchRecordsMax: 10, mirrorsStore: false })
  await rig.run()
  const told = rig.taken.map(({ stored, users, nextOffset, newUsers, forgotten, dead }) => {
    return { stored, events: users.length, nextOffset, newUsers, forgotten: [...forgotten], dead }
  })
  assert.deepEqual(told, [
    { stored: 1, events: 0, nextOffset: 3, newUsers: ['u'], forgotten: [0], dead: {} },
    { stored: 1, events: 0, nextOffset: 4, newUsers: [], forgotten: [], dead: { not_json: 1 } },
  ])
  const [state] = await rig.store.read(['v'])
  assert.deepEqual(
    state?.added.map(([item]) => item),
    ['y'],
  )
  assert.deepEqual(
    rig.outcomes.map(({ consumed, applied, forgotten }) => [consumed, applied, forgotten]),
    [[4, 2, 1]],
  )
})
