// What a file is by its bytes, whatever its name: packed, in another encoding, with other line ends, or no text at all.

import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Failure } from '../../../src/errors.ts'
import { readAll, temporary } from './reading.ts'

const csv = 'user,item,time\nu1,i1,1500000000\nu2,é2,1500000060\n'
const json =
  '{"user":"u1","item":"i1","timestamp":1500000000000}\n{"user":"u2","item":"é2","timestamp":1500000060000}\n'
const expected = ['u1 i1 1500000000000 ADD', 'u2 é2 1500000060000 ADD']

/** A frame with one raw block: what any decoder of Zstandard reads. */
function zstdFrame(text: string): Buffer {
  const bytes = Buffer.from(text)
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x60, 0, 0])
  header.writeUInt16LE(bytes.length - 256, 5)
  const block = Buffer.alloc(3)
  block.writeUIntLE((bytes.length << 3) | 1, 0, 3)
  return Buffer.concat([header, block, bytes])
}

function swapped(text: string): Buffer {
  return Buffer.from(`\ufeff${text}`, 'utf16le').swap16()
}

const wide = `${csv}${'u3,i3,1500000120\n'.repeat(20)}`
const many = [...expected, ...Array.from({ length: 20 }, () => 'u3 i3 1500000120000 ADD')]

test('text is read in every encoding and packing, whatever the name says', async (t) => {
  const path = temporary(t)
  const inputs: readonly (readonly [string, string, Buffer, readonly string[]])[] = [
    ['UTF-16, little end first', 'a.csv', Buffer.from(`\ufeff${csv}`, 'utf16le'), expected],
    ['UTF-16, big end first', 'a.csv', swapped(csv), expected],
    ['UTF-16 JSON', 'a.ndjson', Buffer.from(`\ufeff${json}`, 'utf16le'), expected],
    ['gzip under another name', 'b.csv', gzipSync(csv), expected],
    [
      'gzip members',
      'b.gz',
      Buffer.concat([gzipSync(csv.slice(0, 20)), gzipSync(csv.slice(20))]),
      expected,
    ],
    ['zstd under another name', 'c.csv', zstdFrame(wide), many],
    [
      'zstd frames, a skippable one between them',
      'c.zst',
      Buffer.concat([
        zstdFrame(wide),
        Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]),
        zstdFrame('u3,i3,1500000120\n'.repeat(20)),
      ]),
      [...many, ...many.slice(2)],
    ],
    ['gzip of UTF-16', 'd.csv', gzipSync(Buffer.from(`\ufeff${csv}`, 'utf16le')), expected],
    ['carriage returns alone', 'e.csv', Buffer.from(csv.replaceAll('\n', '\r')), expected],
    ['an array', 'f.json', Buffer.from(`[${json.trim().replace('\n', ',\n  ')}]`), expected],
    ['objects over several lines', 'g.json', Buffer.from(spread(json)), expected],
  ]
  for (const [what, name, bytes, events] of inputs) {
    const read = await readAll(path(name, bytes))
    assert.deepEqual([read.events, read.dead], [events, []], what)
    const pieces = Array.from(bytes, (byte) => Buffer.of(byte))
    const trickled = await readAll('-', { stdin: Readable.from(pieces) })
    assert.deepEqual(trickled.events, events, `${what}, byte by byte`)
  }
})

/** As a program prints that has time. */
function spread(lines: string): string {
  const objects = lines.trim().split('\n')
  return objects.map((line) => `${JSON.stringify(JSON.parse(line), null, 2)}\n`).join('')
}

test('Latin-1 is read where it is told', async (t) => {
  const file = temporary(t)('a.csv', Buffer.from(csv, 'latin1'))
  assert.deepEqual((await readAll(file, { encoding: 'latin1' })).events, expected)
  const { events, dead } = await readAll(file)
  assert.deepEqual([events, dead], [expected.slice(0, 1), ['3 bad_id']], 'never a made-up letter')
})

test('what is no text is named from its first bytes, with what to do', async (t) => {
  const path = temporary(t)
  const tar = Buffer.alloc(1_024)
  tar.write('events.csv')
  tar.write('ustar', 257)
  const zip = (name: string) =>
    Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(26), Buffer.from(name)])
  const foreign: readonly (readonly [Buffer | string, RegExp])[] = [
    [zip('events.csv'), /a zip archive.*unzip it first/],
    [zip('[Content_Types].xml'), /an Excel workbook.*save it as CSV/],
    ['BZh91AY&SY', /packed with bzip2.*bunzip2/],
    [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]), /packed with xz.*xz -dk/],
    ['PAR1\x15\x04\x15', /a Parquet file.*lines of JSON or CSV/],
    ['Obj\x01\x04\x14avro.codec', /an Avro container file.*avro-tools tojson/],
    ['SQLite format 3\0\x10\0', /an SQLite database.*export the table as CSV/],
    ['<!DOCTYPE html><html>', /a web page/],
    [gzipSync(tar), /a tar archive.*take the file out/],
    [tar, /a tar archive/],
    [Buffer.from(csv, 'utf16le'), /UTF-16 without a byte order mark.*--encoding utf-16le/],
    [Buffer.from(Array.from({ length: 300 }, (_, k) => (k * 7) % 5)), /binary data/],
    [
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x6a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
      /begins like zstd and cannot be unpacked/,
    ],
    [
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
      /a window of/,
    ],
  ]
  for (const [bytes, says] of foreign) {
    const unusable = (error: unknown): boolean =>
      error instanceof Failure && error.exitCode === 65 && says.test(error.message)
    await assert.rejects(readAll(path('events.csv', bytes)), unusable, String(says))
  }
})

test('a broken array gives what is whole, and one dead letter', async (t) => {
  const element = '{"user":"u1","item":"i1","timestamp":1500000000000,"note":"a ] and \\" and }"}'
  const path = temporary(t)
  const cut = await readAll(path('a.json', `[${element}, ${element}, {"user":"u`))
  assert.deepEqual([cut.events.length, cut.dead], [2, ['3 not_json']])
  const large = await readAll(
    path('b.json', `[${element},{"user":"${'x'.repeat(500)}"},${element}]`),
    {
      recordBytesMax: 200,
    },
  )
  assert.deepEqual([large.events.length, large.dead], [2, ['2 too_large']])
  assert.deepEqual((await readAll(path('c.json', '[]'))).records, [])
})
