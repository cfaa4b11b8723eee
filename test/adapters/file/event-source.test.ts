// Files as a stream of events: several files, gzip, standard input, going on where a run stopped, and
// bad input of every kind on its way to the dead-letter file.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { stdinStream } from '../../../src/adapters/file/all-streams.ts'
import {
  createFileDeadLetterSink,
  type DeadLetterLine,
} from '../../../src/adapters/file/dead-letter-sink.ts'
import { createFileEventSource } from '../../../src/adapters/file/event-source.ts'
import { idleClock } from './clocks.ts'
import { folderOf, readAll, temporary } from './reading.ts'

function tsv(from: number, to: number): string {
  let text = ''
  for (let index = from; index < to; index++)
    text += `u${index % 9}\ti${index}\t${1_500_000_000 + index}\n`
  return text
}

function item(event: string): string {
  return event.split(' ')[1]!
}

test('a pattern reads its files in order, each a stream of its own', async (t) => {
  const path = temporary(t)
  path('b.tsv.gz', gzipSync(tsv(10, 20)))
  const last = path('c.tsv', tsv(20, 30))
  path('a.tsv', tsv(0, 10))
  path('.hidden.tsv', tsv(90, 99))
  path('notes.txt', 'not read')
  mkdirSync(join(folderOf(last), 'd.tsv'))
  const { events, records } = await readAll(join(folderOf(last), '*.tsv*'))
  assert.deepEqual(
    events.map(item),
    Array.from({ length: 30 }, (_, index) => `i${index}`),
  )
  assert.equal(new Set(records.map((record) => record.position.stream)).size, 3)
  assert.deepEqual(records.at(-1)?.position, { stream: last, offset: 9 })
  const deeper = join(folderOf(last), 'sub')
  mkdirSync(deeper)
  path('sub/z.tsv', tsv(30, 31))
  const deep = await readAll(join(folderOf(last), '**', '?.tsv'))
  assert.deepEqual(
    [...new Set(deep.records.map((record) => basename(record.position.stream)))],
    ['a.tsv', 'c.tsv', 'z.tsv'],
  )
})

test('nothing there, or a folder, is refused', (t) => {
  const path = temporary(t)
  const open = (input: string): void => {
    createFileEventSource({ input, recordBytesMax: 64, batchRecordsMax: 1, clock: idleClock })
  }
  assert.throws(() => open(path('missing.tsv')), /there is no file .*missing\.tsv/)
  assert.throws(
    () => open('missing.tsv'),
    /there is no file missing\.tsv: looked for \/.*\/missing\.tsv/,
  )
  assert.throws(() => open(path('*.tsv')), /no file matches .*\*\.tsv/)
  assert.throws(() => open(folderOf(path('a', ''))), /is a folder: name its files, as in /)
})

test('goes on at a position in plain and packed files, headers and units known', async (t) => {
  const path = temporary(t)
  const content = `user\titem\ttime\n${tsv(0, 40)}`
  for (const file of [path('a.tsv', content), path('b.gz', gzipSync(content))]) {
    const whole = await readAll(file)
    for (const offset of [0, 1, 2, 17, 40, 41]) {
      const rest = await readAll(file, { from: new Map([[file, offset]]) })
      const expected = whole.records.filter((record) => record.position.offset >= offset)
      assert.deepEqual(
        rest.records.map(({ position, fields }) => ({ position, fields })),
        expected.map(({ position, fields }) => ({ position, fields })),
      )
    }
  }
})

test('a file shorter than its position is refused: it is not the file it was', async (t) => {
  const file = temporary(t)('a.tsv', tsv(0, 40))
  assert.equal((await readAll(file, { from: new Map([[file, 40]]) })).records.length, 0)
  const shorter = readAll(file, { from: new Map([[file, 41]]) })
  await assert.rejects(shorter, /earlier run had read 41 lines: it has 40 lines/)
})

test('standard input is read as it comes, its line numbers go on, nothing is skipped', async () => {
  const stdin = new PassThrough()
  const source = createFileEventSource({
    input: '-',
    stdin,
    from: new Map([[stdinStream, 100]]),
    recordBytesMax: 1_000,
    batchRecordsMax: 50,
    clock: idleClock,
  })
  const never = new AbortController().signal
  stdin.write('u1\ti1\t1500000000\nu2\ti')
  const first = await source.readBatch(never)
  assert.deepEqual(
    first?.records.map((record) => record.position),
    [{ stream: 'stdin', offset: 100 }],
  )
  const waiting = source.readBatch(never)
  stdin.end('2\t1500000060\n')
  assert.deepEqual((await waiting)?.records[0]?.position, { stream: 'stdin', offset: 101 })
  assert.equal(await source.readBatch(never), undefined)
  await source.close()
})

test('closing ends a read that waits for standard input', async () => {
  const source = createFileEventSource({
    input: '-',
    stdin: new PassThrough(),
    recordBytesMax: 1_000,
    batchRecordsMax: 50,
    clock: idleClock,
  })
  const waiting = source.readBatch(new AbortController().signal)
  await source.close()
  assert.equal(await waiting, undefined)
})

test('packed standard input is unpacked', async () => {
  const packed = gzipSync(tsv(0, 5_000))
  const pieces = [packed.subarray(0, 1), packed.subarray(1, 700), packed.subarray(700)]
  const { events } = await readAll('-', { stdin: Readable.from(pieces) })
  assert.equal(events.length, 5_000)
})

test('a torn or damaged gzip gives what is whole, one dead letter, and the next file', async (t) => {
  const path = temporary(t)
  const packed = gzipSync(tsv(0, 20_000))
  const damaged = Buffer.from(packed)
  damaged.fill(0xff, packed.length - 900, packed.length - 600)
  const broken = Buffer.from(packed)
  broken[packed.length - 6]! ^= 1
  const cuts = [packed.subarray(0, packed.length >> 1), packed.subarray(0, -4), damaged, broken]
  for (const [index, bytes] of cuts.entries()) {
    const torn = path(`a${index}.gz`, bytes)
    path(`b${index}.tsv`, 'u1\ti-after\t1500000000\n')
    const { events, dead, letters } = await readAll(join(folderOf(torn), `?${index}.*`))
    const whole = events.length - 1
    assert.ok(whole > 5_000, `${whole} whole lines`)
    assert.deepEqual(events.slice(0, -1).map(item), tsvItems(whole))
    assert.equal(item(events[whole]!), 'i-after')
    assert.deepEqual(dead, [`${whole + 1} torn_input`])
    assert.equal(letters[0]!.position.stream, torn)
  }
})

function tsvItems(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `i${index}`)
}

test('bad lines go to the dead-letter file with line, reason and bytes; the run goes on', async (t) => {
  const path = temporary(t)
  const good = '{"user":"u","item":"i","timestamp":1500000000000}'
  const huge = `{"user":"${'x'.repeat(10_000_000)}","item":"i","timestamp":1500000000000}`
  const bad: readonly (readonly [string, string])[] = [
    ['not json', 'not_json'],
    ['{"user":"u","item":"i"}', 'missing_field'],
    ['{"user":true,"item":"i","timestamp":1500000000000}', 'wrong_type'],
    ['{"user":"","item":"i","timestamp":1500000000000}', 'bad_id'],
    [huge, 'too_large'],
    [`{"user":"${'y'.repeat(300)}","item":"i","timestamp":1500000000000}`, 'bad_id'],
    ['{"user":"u","item":"i","timestamp":-1}', 'bad_time'],
    ['{"user":"u","item":"i","timestamp":4100000000000}', 'bad_time'],
  ]
  const lines = bad.flatMap(([line]) => [good, line])
  const { events, letters } = await readAll(path('a.ndjson', [...lines, good].join('\n')))
  assert.equal(events.length, bad.length + 1)
  const out = path('dead.ndjson')
  const sink = createFileDeadLetterSink({ path: out })
  await sink.write(letters)
  await sink.close()
  const written = readFileSync(out, 'utf8').trim().split('\n')
  const parsed = written.map((line) => JSON.parse(line) as DeadLetterLine)
  assert.deepEqual(
    parsed.map(({ line, reason }) => [line, reason]),
    bad.map(([, reason], index) => [2 * index + 2, reason]),
  )
  for (const [index, { value, text, detail }] of parsed.entries()) {
    const bytes = Buffer.from(bad[index]![0]).subarray(
      0,
      bad[index]![1] === 'too_large' ? 1_024 : undefined,
    )
    assert.deepEqual(Buffer.from(value, 'base64'), bytes)
    assert.equal(text, bytes.toString())
    assert.ok(!/x{10}|y{10}/.test(detail), 'a detail quotes the record')
  }
  assert.ok(parsed[4]!.detail.includes(`${huge.length} bytes`))
  assert.ok(parsed[4]!.detail.includes(createHash('sha256').update(huge).digest('hex')))
})

test('a line at the limit is read, one byte more is not, with either line end', async (t) => {
  const path = temporary(t)
  const line = (bytes: number): string => `u\ti\t1500000000\t${'z'.repeat(bytes - 15)}`
  for (const end of ['\n', '\r\n']) {
    for (const padding of [0, 65_400, 65_536]) {
      const before = padding === 0 ? '' : `${line(padding)}${end}`
      const file = path('a', `${before}${line(100)}${end}${line(101)}${end}${line(100)}`)
      const { events, dead } = await readAll(file, { recordBytesMax: 100 })
      assert.equal(events.length, 2)
      assert.equal(dead.at(-1), `${padding === 0 ? 2 : 3} too_large`)
    }
  }
})
