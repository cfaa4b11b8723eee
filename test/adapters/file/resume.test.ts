// Going on in files that have changed since: a last line that was being written, a file replaced by another, one that
// was followed and then read to its end. Nothing is lost, nothing is read twice, or it is refused.

import assert from 'node:assert/strict'
import { appendFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { FileSourceOptions } from '../../../src/adapters/file/all-streams.ts'
import { createFileEventSource } from '../../../src/adapters/file/event-source.ts'
import { idleClock } from './clocks.ts'
import { temporary } from './reading.ts'

interface State {
  readonly from: Map<string, number>
  readonly marks: Map<string, string>
}

interface Session extends State {
  readonly items: string[]
  readonly faults: string[]
  readonly news: string[]
}

/** One run over the file: goes on from the state of another, and leaves its own. */
async function session(
  input: string,
  before?: State,
  more: Partial<FileSourceOptions> = {},
): Promise<Session> {
  const from = new Map(before?.from)
  const marks = new Map(before?.marks)
  const state = { from, marks, items: [] as string[], faults: [] as string[], news: [] as string[] }
  const source = createFileEventSource({
    ...{ input, recordBytesMax: 1_000, batchRecordsMax: 2, clock: idleClock },
    ...{ from: new Map(from), marks: new Map(marks), onNews: (text) => state.news.push(text) },
    ...more,
  })
  const never = new AbortController().signal
  for (let batch = await source.readBatch(never); batch; batch = await source.readBatch(never)) {
    for (const { position, fields, fault } of batch.records) {
      if (fault !== undefined) state.faults.push(fault.reason)
      else state.items.push(fields?.item ?? '')
      from.set(position.stream, position.offset + 1)
    }
    const { stream } = batch.records[0]!.position
    if (batch.mark !== undefined) marks.set(stream, batch.mark)
    await batch.ack()
  }
  await source.close()
  return state
}

function lines(...items: readonly string[]): string {
  return items.map((item, k) => `u${k}\t${item}\t${1_700_000_000 + k}\n`).join('')
}

test('a last line without its end stays unread until it ends, and is then read once', async (t) => {
  const file = temporary(t)('a.tsv', `${lines('a', 'b')}u3\tc`)
  const first = await session(file, undefined, { ended: false })
  assert.deepEqual(first.items, ['a', 'b'])
  assert.match(first.news.join(), /line 3 of .* has no end and is left unread.*--stop-at-end/)
  const again = await session(file, first, { ended: false })
  assert.deepEqual(again.items, [])
  appendFileSync(file, `33\t1700000009\n${lines('d')}`)
  const last = await session(file, again, { ended: false })
  assert.deepEqual([last.items, last.news], [['c33', 'd'], []])
  assert.deepEqual((await session(file, last)).items, [])
})

test('where the file has ended a last line is read; one that has grown since is read again', async (t) => {
  const file = temporary(t)('a.tsv', `${lines('a', 'b')}u3\tc\t17000`)
  const first = await session(file)
  assert.deepEqual(first.items, ['a', 'b', 'c'])
  assert.deepEqual((await session(file, first)).items, [], 'unchanged')
  assert.deepEqual((await session(file, first, { ended: false })).items, [], 'and not ended')
  appendFileSync(file, `00002\n${lines('d')}`)
  const second = await session(file, first)
  assert.deepEqual(second.items, ['c', 'd'])
  const ended = temporary(t)('b.tsv', `${lines('a')}u2\tb\t1700000000`)
  const whole = await session(ended)
  appendFileSync(ended, `\n${lines('c')}`)
  assert.deepEqual((await session(ended, whole)).items, ['c'], 'only the line end was missing')
})

test('a file replaced by another is refused, shorter, longer or as long', async (t) => {
  const path = temporary(t)
  const file = path('a.tsv', lines('a', 'b', 'c', 'd', 'e'))
  const first = await session(file)
  const others = [
    lines('x', 'y', 'z'),
    lines('p', 'q', 'r', 's', 't', 'u', 'v', 'w'),
    lines('a', 'b', 'x', 'd', 'e', 'f'),
    lines('a', 'b', 'c', 'd', 'x', 'f'),
    lines('a', 'b'),
    '',
  ]
  for (const text of others) {
    writeFileSync(file, text)
    const refused =
      /is not the file of which an earlier run had read 5 lines.*name of its own.*--fresh/
    await assert.rejects(session(file, first), refused, JSON.stringify(text))
  }
  writeFileSync(file, lines('a', 'b', 'c', 'd', 'e', 'f'))
  assert.deepEqual((await session(file, first)).items, ['f'], 'the same file, grown')
})

test('only the beginning differs, or only the record before: both are seen in long files', async (t) => {
  const many = (tag: string, count: number) =>
    lines(...Array.from({ length: count }, (_, k) => `item-number-${k}${k === 900 ? tag : ''}`))
  const file = temporary(t)('a.tsv', many('', 901))
  const first = await session(file)
  writeFileSync(file, many('-other', 1_000))
  await assert.rejects(session(file, first), /line 901 is another/)
  writeFileSync(file, `v${many('', 1_000).slice(1)}`)
  await assert.rejects(session(file, first), /its beginning is another/)
})

test('checkpoints of before, without marks, are gone on from', async (t) => {
  const file = temporary(t)('a.tsv', lines('a', 'b'))
  const { from } = await session(file)
  appendFileSync(file, lines('c'))
  assert.deepEqual((await session(file, { from, marks: new Map() })).items, ['c'])
})

test('a packed file that broke off and was fetched again is read on, no record lost', async (t) => {
  const whole = lines(...Array.from({ length: 3_000 }, (_, k) => `i${k}`))
  const packed = gzipSync(whole)
  const file = temporary(t)('a.tsv.gz', packed.subarray(0, packed.length >> 1))
  const first = await session(file)
  assert.deepEqual(first.faults, ['torn_input'])
  const again = await session(file, first)
  assert.deepEqual([again.items, again.faults], [[], []], 'the same end is not told twice')
  writeFileSync(file, packed)
  const second = await session(file, again)
  const all = [...first.items, ...second.items]
  assert.deepEqual(
    all,
    Array.from({ length: 3_000 }, (_, k) => `i${k}`),
  )
})
