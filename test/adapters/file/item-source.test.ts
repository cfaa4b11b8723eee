// A file of items: tables and JSON, read whole at the start and again when it has changed.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { createFileItemSource } from '../../../src/adapters/file/item-source.ts'
import { Failure } from '../../../src/errors.ts'
import type { ItemSource } from '../../../src/ports/event-source.ts'

const never = new AbortController().signal

function sourceOf(t: TestContext, name: string, content: string | Buffer, stopAtEnd = true) {
  const folder = mkdtempSync(join(tmpdir(), 'neupr-items-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, name)
  writeFileSync(path, content)
  const looks: (() => void)[] = []
  const source = createFileItemSource({
    ...{ path, recordBytesMax: 100, batchRecordsMax: 2, stopAtEnd },
    sleep: (_, signal) =>
      new Promise((resolve) => {
        looks.push(resolve)
        signal.addEventListener('abort', () => resolve())
      }),
  })
  return { source, path, look: () => looks.shift()?.() }
}

/** Values up to the end of what was there. */
async function untilCaughtUp(source: ItemSource): Promise<unknown[]> {
  const values: unknown[] = []
  for (;;) {
    const batch = await source.readBatch(never)
    assert.ok(batch !== undefined)
    for (const { value, fault } of batch.records) {
      values.push(fault === undefined ? JSON.parse(Buffer.from(value!).toString()) : fault.reason)
    }
    if (batch.isCaughtUp) return values
  }
}

test('a table becomes objects by its header, whatever separates its cells', async (t) => {
  const expected = [
    { sku: 'a', available: 'true' },
    { sku: 'b, large', available: 'false' },
    { sku: 'c', available: '3' },
  ]
  const csv = '\ufeffsku,available\r\na,true\r\n"b, large",false\r\n\r\nc,3'
  assert.deepEqual(await untilCaughtUp(sourceOf(t, 'items.csv', csv).source), expected)
  const tsv = 'sku\tavailable\na\ttrue\nb, large\tfalse\nc\t3\n'
  assert.deepEqual(await untilCaughtUp(sourceOf(t, 'items.tsv', tsv).source), expected)
  const packed = gzipSync(csv)
  assert.deepEqual(await untilCaughtUp(sourceOf(t, 'items.csv.gz', packed).source), expected)
})

test('JSON lines come as they are; a line that is too long is told', async (t) => {
  const lines = ['{"item":"a"}', `{"item":"${'x'.repeat(200)}"}`, '{"item":"b"}'].join('\n')
  const { source } = sourceOf(t, 'items.ndjson', lines)
  assert.deepEqual(await untilCaughtUp(source), [{ item: 'a' }, 'too_large', { item: 'b' }])
  assert.equal(await source.readBatch(never), undefined)
})

test('a file that has changed is read again', async (t) => {
  const { source, path, look } = sourceOf(t, 'items.ndjson', '{"item":"a"}\n', false)
  assert.deepEqual(await untilCaughtUp(source), [{ item: 'a' }])
  const next = untilCaughtUp(source)
  writeFileSync(path, '{"item":"a"}\n{"item":"b"}\n')
  let done = false
  void next.finally(() => {
    done = true
  })
  while (!done) {
    look()
    await new Promise(setImmediate)
  }
  assert.deepEqual(await next, [{ item: 'a' }, { item: 'b' }])
  const stop = new AbortController()
  const last = source.readBatch(stop.signal)
  stop.abort()
  assert.equal(await last, undefined)
})

test('an empty file says nothing, and one that is not there is told', async (t) => {
  assert.deepEqual(await untilCaughtUp(sourceOf(t, 'items.csv', '').source), [])
  const gone = createFileItemSource({
    ...{ path: '/nowhere/items.csv', recordBytesMax: 100, batchRecordsMax: 2, stopAtEnd: true },
    sleep: async () => undefined,
  })
  await assert.rejects(gone.readBatch(never), Failure)
})
