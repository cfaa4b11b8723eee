// What happens to lines when a file was left torn, a disk is full, or the reader of a pipe goes away.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { PassThrough, Writable } from 'node:stream'
import { test } from 'node:test'
import { createFileListSink } from '../../../src/adapters/file/list-sink.ts'
import { Failure } from '../../../src/errors.ts'
import { temporary } from './reading.ts'

const record = { key: 'u1', value: Buffer.from('{"user":"u1"}') }

test('a line that a crash cut off is dropped, a line without its end is kept', async (t) => {
  const path = temporary(t)
  const rows: readonly (readonly [before: string, after: string])[] = [
    ['{"user":"u0"}\n{"user":"u', '{"user":"u0"}\n{"user":"u1"}\n'],
    ['{"us', '{"user":"u1"}\n'],
    ['{"user":"u0"}', '{"user":"u0"}\n{"user":"u1"}\n'],
    ['some notes', 'some notes\n{"user":"u1"}\n'],
    ['', '{"user":"u1"}\n'],
  ]
  for (const [before, after] of rows) {
    const file = path('lists', before)
    const sink = createFileListSink({ path: file })
    await sink.write([record])
    await sink.close()
    assert.equal(readFileSync(file, 'utf8'), after)
  }
})

test('a sink that was never written to leaves no file and closes', async (t) => {
  const path = temporary(t)('lists')
  const sink = createFileListSink({ path })
  await sink.write([])
  await sink.close()
  assert.throws(() => readFileSync(path), { code: 'ENOENT' })
})

test('standard output gets the lines and stays open', async () => {
  const stdout = new PassThrough()
  const sink = createFileListSink({ path: '-', stdout })
  await sink.write([record, { key: 'u2', value: null }])
  await sink.close()
  assert.equal(stdout.writableEnded, false)
  assert.equal(stdout.read().toString(), '{"user":"u1"}\n{"user":"u2","forgotten":true}\n')
})

test('a reader that goes away stops the sink with a failure that says so', async () => {
  const stdout = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    },
  })
  const sink = createFileListSink({ path: '-', stdout })
  const gone = (error: unknown): boolean =>
    error instanceof Failure &&
    error.code === 'SINK_UNWRITABLE' &&
    error.message.includes('its reader went away')
  await assert.rejects(sink.write([record]), gone)
  await assert.rejects(sink.write([record]), gone)
  await sink.close()
})

test('a file that cannot be written is a failure with its path', async (t) => {
  const path = temporary(t)('a-file', 'x')
  const sink = createFileListSink({ path: `${path}/lists` })
  await assert.rejects(sink.write([record]), (error) => {
    return error instanceof Failure && error.message.includes(path)
  })
  await sink.close()
})

const skip = existsSync('/proc/self') ? false : 'no /proc on this system'
test('a folder that cannot be made is told, and nothing hangs', { skip }, async () => {
  const sink = createFileListSink({ path: '/proc/nowhere/lists.ndjson' })
  await assert.rejects(sink.write([record]), { code: 'SINK_UNWRITABLE' })
  await sink.close()
})
