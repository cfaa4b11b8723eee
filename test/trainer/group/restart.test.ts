// What a worker of a group starts from: its own checkpoint, or that of another.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Checkpoint } from '../../../src/ports/checkpoint-store.ts'
import { newcomerFrom } from '../../../src/trainer/group/saved-group.ts'
import { play, sorted, streams } from './play.ts'
import { baseOf, type GroupWorker, startWorker } from './worker.ts'

test('a restart from a checkpoint and the rest of the log has the base of who read it all', async () => {
  const log: Uint8Array[] = []
  const saved: Awaited<ReturnType<GroupWorker['save']>>[] = []
  await play(log, async (a, b) => {
    saved.push(await (saved.length % 2 === 0 ? a : b).save())
  })
  const whole = startWorker('whole', log)
  await whole.read()
  const expected = sorted(baseOf(await whole.save()))
  assert.ok(saved.length > 8)
  for (const [k, checkpoint] of saved.entries()) {
    const again = startWorker(`again-${k}`, log, checkpoint)
    await again.read()
    assert.deepEqual(sorted(baseOf(await again.save())), expected, `checkpoint ${k}`)
  }
})

test('a newcomer starts from what another has written, and has its model but none of its users', async () => {
  const log: Uint8Array[] = []
  const starts: Checkpoint[] = []
  const { a } = await play(log, async (a) => {
    starts.push(newcomerFrom(await a.save()))
  })
  const expected = sorted(baseOf(await a.save()))
  const whole = (await a.trainer.ask({ kind: 'popular', k: 10 })).items
  for (const start of [starts[2]!, starts.at(-1)!]) {
    const c = startWorker('c', [...log], start)
    await c.read()
    assert.deepEqual(sorted(baseOf(await c.save())), expected)
    const { users, positives, events } = await c.stats()
    assert.deepEqual({ users, positives, events }, { users: 0, positives: 0, events: 0 })
    assert.equal((await c.trainer.ask({ kind: 'popular', k: 10 })).items.length, whole.length)
    // And it learns.
    await c.claim('in/0')
    const { owned } = await c.read()
    assert.deepEqual(owned, [['in/0', streams[0]!.length]])
    await c.learn('in/0', streams[0]!.length, streams[0]!.slice(0, 5))
    await c.take()
    assert.equal((await c.read()).verdicts[0]!.events, 5)
  }
})

test('what an older version did not share begins as it stands, and is shared from then on', async () => {
  const log: Uint8Array[] = []
  const saved: Checkpoint[] = []
  await play(log, async (a) => {
    saved.push(await a.save())
  })
  const older = saved[2]!
  const isNew = /fusion\.hidden|^skill\./
  const tensors = new Map([...older.tensors].filter(([name]) => !isNew.test(name)))
  assert.ok(older.tensors.has('updates/fusion.hidden.weights'))
  assert.ok(tensors.size < older.tensors.size - 4)
  const again = startWorker('again', log, { ...older, tensors })
  await again.read()
  const bases = baseOf(await again.save())
  const whole = startWorker('whole', log, older)
  await whole.read()
  const expected = baseOf(await whole.save())
  for (const [row, base] of bases) {
    if (row !== 'log' && !isNew.test(row)) assert.equal(base, expected.get(row), row)
  }
  assert.ok([...bases.keys()].some((row) => isNew.test(row)))
})
