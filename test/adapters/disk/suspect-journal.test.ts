// A record that ends the process is given up after it was caught in hand twice; an end for another reason costs
// nothing. A crash is what it is on disk: a journal that was not closed.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { withSuspectJournal } from '../../../src/adapters/disk/suspect-journal.ts'
import type { SourceRecord } from '../../../src/types.ts'
import { keepingLogger } from '../kafka/real-kafka.ts'
import { createMemoryEventSource } from '../memory/memory-event-source.ts'

const never = new AbortController().signal
const bomb = 13

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'neupr-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A worker's life: reads from `start` until the bomb is in hand, or to the end. Says where it got to. */
async function live(folder: string, start: number, count = 40) {
  const records = Array.from({ length: count - start }, (_, n): SourceRecord => {
    return { position: { stream: 'in/0', offset: start + n }, key: null, value: Buffer.from('x') }
  })
  const inner = createMemoryEventSource({ records, batchRecordsMax: 10 })
  const options = { folder, logger: keepingLogger(), carefulRecords: 25 }
  const source = withSuspectJournal(inner, options)
  const sizes: number[] = []
  const dead: number[] = []
  const committed = (): number => inner.acknowledged.get('in/0') ?? start
  for (;;) {
    const batch = await source.readBatch(never)
    if (batch === undefined) break
    sizes.push(batch.records.length)
    for (const { fault, position } of batch.records) {
      if (fault?.reason === 'suspect') dead.push(position.offset)
      else if (position.offset === bomb)
        return { ended: false, sizes, dead, committed: committed() }
    }
    await batch.ack()
  }
  await source.close()
  return { ended: true, sizes, dead, committed: committed() }
}

test('the bomb is found, given up alone, and all else is done', async (t) => {
  const folder = folderOf(t)
  const first = await live(folder, 0)
  assert.deepEqual([first.ended, first.sizes], [false, [10, 10]])
  const second = await live(folder, first.committed)
  assert.equal(second.ended, false)
  assert.ok(second.sizes.every((size) => size === 1))
  const third = await live(folder, second.committed)
  assert.deepEqual([third.ended, third.dead], [false, []])
  const fourth = await live(folder, third.committed)
  assert.deepEqual([fourth.ended, fourth.dead, fourth.committed], [true, [bomb], 40])
  const careless = await live(folder, bomb + 1)
  assert.deepEqual(careless.sizes, [10, 10, 6])
})

test('care ends after enough records of the stream went well', async (t) => {
  const folder = folderOf(t)
  await live(folder, bomb)
  const after = await live(folder, bomb + 1, 80)
  assert.deepEqual(
    after.sizes.filter((size) => size > 1),
    [10, 10, 10, 6],
  )
  assert.deepEqual(after.dead, [])
})

test('a read that waits for the record in hand ends with its signal', async (t) => {
  const folder = folderOf(t)
  await live(folder, bomb)
  const records = [1, 2].map((offset): SourceRecord => {
    return { position: { stream: 'in/0', offset }, key: null, value: null }
  })
  const inner = createMemoryEventSource({ records, batchRecordsMax: 10 })
  const source = withSuspectJournal(inner, { folder, logger: keepingLogger() })
  const held = await source.readBatch(never)
  const stop = new AbortController()
  const waiting = source.readBatch(stop.signal)
  stop.abort()
  assert.equal(await waiting, undefined)
  assert.equal(inner.acknowledged.get('in/0'), undefined)
  await held?.ack()
  await (await source.readBatch(never))?.ack()
  assert.equal(inner.acknowledged.get('in/0'), 3)
  await source.close()
})
