// A record that ends the process is found among those in hand with it and given up; an end for another reason costs
// nothing. A crash is what it is on disk: a journal that was not closed.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createInHandNote } from '../../../src/adapters/disk/in-hand-note.ts'
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

function recordsOf(start: number, count: number, stream = 'in/0'): SourceRecord[] {
  return Array.from({ length: count - start }, (_, n): SourceRecord => {
    return { position: { stream, offset: start + n }, key: null, value: Buffer.from('x') }
  })
}

/** A worker's life: reads from `start` until the record `endAt` is in hand, or to the end. Says where it got to. */
async function live(folder: string, start: number, { count = 40, endAt = bomb } = {}) {
  const inner = createMemoryEventSource({ records: recordsOf(start, count), batchRecordsMax: 10 })
  const source = withSuspectJournal(inner, { folder, logger: keepingLogger() })
  const sizes: number[] = []
  const dead: number[] = []
  const committed = (): number => inner.acknowledged.get('in/0') ?? start
  for (;;) {
    const batch = await source.readBatch(never)
    if (batch === undefined) break
    sizes.push(batch.records.length)
    for (const { fault, position } of batch.records) {
      if (fault?.reason === 'suspect') dead.push(position.offset)
      else if (position.offset === endAt)
        return { ended: false, sizes, dead, committed: committed() }
    }
    await batch.ack()
  }
  await source.close()
  return { ended: true, sizes, dead, committed: committed() }
}

test('the bomb is found among the records in hand, given up alone, and all else is done', async (t) => {
  const folder = folderOf(t)
  const first = await live(folder, 0)
  assert.deepEqual([first.ended, first.sizes], [false, [10, 10]])
  const second = await live(folder, first.committed)
  assert.deepEqual(second.sizes, [10], 'after one end nothing is slower')
  const third = await live(folder, second.committed)
  assert.deepEqual(third.sizes, [1, 1, 1, 1])
  const fourth = await live(folder, third.committed)
  assert.deepEqual([fourth.ended, fourth.dead], [false, []])
  const fifth = await live(folder, fourth.committed)
  assert.deepEqual([fifth.ended, fifth.dead, fifth.committed], [true, [bomb], 40])
  assert.deepEqual(fifth.sizes, [...Array(10).fill(1), 10, 10], 'care ends behind the suspects')
  const careless = await live(folder, bomb + 1)
  assert.deepEqual(careless.sizes, [10, 10, 6])
})

test('ends for other reasons, each with other records in hand, make nobody suspect', async (t) => {
  const folder = folderOf(t)
  for (const endAt of [5, 15, 25, 35]) {
    const life = await live(folder, endAt - 5, { endAt })
    assert.deepEqual([life.sizes, life.dead], [[10], []])
  }
})

test('an end while other streams are read clears no suspect whose turn has not come', async (t) => {
  const folder = folderOf(t)
  for (let ends = 0; ends < 2; ends++) await live(folder, 10)
  const other = createMemoryEventSource({ records: recordsOf(0, 20, 'in/1'), batchRecordsMax: 10 })
  const source = withSuspectJournal(other, { folder, logger: keepingLogger() })
  assert.equal((await source.readBatch(never))?.records.length, 10)
  const after = await live(folder, 10)
  assert.deepEqual(after.sizes, [1, 1, 1, 1])
})

test('a suspect is handed out alone, and a read that waits for that ends with its signal', async (t) => {
  const folder = folderOf(t)
  for (let ends = 0; ends < 2; ends++) await live(folder, 10)
  const inner = createMemoryEventSource({ records: recordsOf(5, 20), batchRecordsMax: 10 })
  const source = withSuspectJournal(inner, { folder, logger: keepingLogger() })
  const before = await source.readBatch(never)
  assert.equal(before?.records.length, 5)
  const stop = new AbortController()
  const waiting = source.readBatch(stop.signal)
  stop.abort()
  assert.equal(await waiting, undefined)
  await before?.ack()
  const alone = await source.readBatch(never)
  assert.equal(alone?.records.length, 1)
  await alone?.ack()
  assert.equal(inner.acknowledged.get('in/0'), undefined, 'the batch is not done')
  for (let left = 0; left < 4; left++) await (await source.readBatch(never))?.ack()
  assert.equal(inner.acknowledged.get('in/0'), 15)
  await source.close()
})

test('a note reads as it was written last, however long those before were, also by another life', (t) => {
  const folder = folderOf(t)
  const ranges = Array.from({ length: 9 }, (_, from) => ({
    stream: 'ø/0',
    from,
    to: from,
    times: 1,
  }))
  const note = createInHandNote(folder)
  assert.equal(note.read(), undefined)
  for (const count of [9, 1, 4]) {
    note.write(ranges.slice(0, count))
    assert.deepEqual(createInHandNote(folder).read(), ranges.slice(0, count))
  }
  const next = createInHandNote(folder)
  next.write([])
  assert.deepEqual(next.read(), [])
  next.remove()
  assert.equal(next.read(), undefined)
})
