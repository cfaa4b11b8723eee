// Damage of every kind to the newest generation: it is passed over with a reason and the one before is
// given, never a mixture, never an exception. A store without checksums would fail here at once.

import assert from 'node:assert/strict'
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createDiskCheckpointStore } from '../../../src/adapters/disk/checkpoint-store.ts'
import { readHeader } from '../../../src/adapters/disk/safetensors.ts'
import { assertSame, sampleCheckpoint } from '../../contracts/checkpoint-store.ts'

const directory = mkdtempSync(join(tmpdir(), 'torn-'))
const newest = join(directory, 'checkpoint-000000002')
const names = ['manifest.json', 'tensors.safetensors', 'texts.safetensors']
const whole = new Map<string, Buffer>()
const openStore = () => createDiskCheckpointStore({ directory, kept: 3, bytesMax: 2 ** 20 })

before(async () => {
  for (const generation of [1, 2]) await openStore().save(sampleCheckpoint(generation))
  for (const name of names) whole.set(name, readFileSync(join(newest, name)))
})
after(() => rmSync(directory, { recursive: true }))

describe('a damaged generation is refused', () => {
  test('cut at every byte', async () => {
    for (const name of names) {
      const bytes = whole.get(name)!
      writeFileSync(join(newest, name), bytes)
      for (let length = bytes.length - 1; length >= 0; length--) {
        truncateSync(join(newest, name), length)
        await assertPrevious(`${name} cut at ${length}`)
      }
      writeFileSync(join(newest, name), bytes)
    }
    assertSame((await openStore().latest()).checkpoint, sampleCheckpoint(2))
  })

  test('any of 3,000 bits flipped', async () => {
    const random = generator(42)
    const total = [...whole.values()].reduce((sum, bytes) => sum + bytes.length, 0)
    for (let flip = 0; flip < 3_000; flip++) {
      let at = random(total * 8)
      for (const [name, bytes] of whole) {
        if (at >= 0 && at < bytes.length * 8) {
          const byte = bytes[at >> 3]!
          overwrite(name, at >> 3, byte ^ (1 << (at & 7)))
          await assertPrevious(`${name} bit ${at}`)
          overwrite(name, at >> 3, byte)
        }
        at -= bytes.length * 8
      }
    }
  })

  test('bytes in excess, files swapped, emptied, missing or from another generation', async () => {
    const tensors = whole.get('tensors.safetensors')!
    const texts = whole.get('texts.safetensors')!
    const cases: [string, Buffer][] = [
      ['tensors.safetensors', Buffer.concat([tensors, Buffer.alloc(1)])],
      ['tensors.safetensors', texts],
      ['texts.safetensors', tensors],
      ['manifest.json', Buffer.from('null')],
      ['manifest.json', Buffer.alloc(3, 0xff)],
      ...names.map((name): [string, Buffer] => [name, Buffer.alloc(0)]),
      ...names.map((name): [string, Buffer] => [
        name,
        readFileSync(join(newest, '..', 'checkpoint-000000001', name)),
      ]),
    ]
    for (const [name, bytes] of cases) {
      if (bytes.equals(whole.get(name)!)) continue // The same texts in both generations.
      writeFileSync(join(newest, name), bytes)
      await assertPrevious(`${name} of ${bytes.length} bytes`)
      writeFileSync(join(newest, name), whole.get(name)!)
    }
    for (const name of names) {
      rmSync(join(newest, name))
      await assertPrevious(`${name} missing`)
      writeFileSync(join(newest, name), whole.get(name)!)
    }
  })

  test('every generation damaged: none, with a reason for each', async () => {
    const kept = mkdtempSync(join(tmpdir(), 'torn-'))
    cpSync(directory, kept, { recursive: true })
    for (const generation of [1, 2])
      rmSync(join(kept, `checkpoint-00000000${generation}`, 'manifest.json'))
    const store = createDiskCheckpointStore({ directory: kept, kept: 3, bytesMax: 2 ** 20 })
    const { checkpoint, newest: highest, refused } = await store.latest()
    assert.deepEqual([checkpoint, highest, refused.length], [undefined, 2, 2])
    rmSync(kept, { recursive: true })
  })
})

describe('a hostile header is refused whatever its checksum says', () => {
  const one = { dtype: 'F32', shape: [2], data_offsets: [0, 8] }
  const cases: [string, string, number, RegExp][] = [
    ['overlap', JSON.stringify({ a: one, b: one }), 16, /begins at 0, not 8/],
    ['hole', JSON.stringify({ a: { ...one, data_offsets: [4, 12] } }), 12, /begins at 4, not 0/],
    ['beyond the end', JSON.stringify({ a: one }), 4, /header says 8/],
    ['bytes left over', JSON.stringify({ a: one }), 12, /header says 8/],
    [
      'backwards',
      JSON.stringify({ a: { ...one, shape: [0], data_offsets: [8, 0] } }),
      8,
      /8 bytes/,
    ],
    ['negative', JSON.stringify({ a: { ...one, shape: [-2, -1] } }), 8, /no valid shape/],
    ['not whole', JSON.stringify({ a: { ...one, shape: [1.5] } }), 8, /no valid shape/],
    [
      'overflowing',
      JSON.stringify({ a: { ...one, shape: [2 ** 31, 2 ** 31, 2 ** 31] } }),
      8,
      /has 8 bytes/,
    ],
    [
      'beyond 2^53',
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9007199254740993]}}',
      8,
      /no valid/,
    ],
    ['three offsets', JSON.stringify({ a: { ...one, data_offsets: [0, 8, 8] } }), 8, /no valid/],
    ['no offsets', JSON.stringify({ a: { dtype: 'F32', shape: [2] } }), 8, /no valid/],
    ['unknown dtype', JSON.stringify({ a: { ...one, dtype: 'BF16' } }), 8, /dtype BF16/],
    [
      'inherited dtype',
      JSON.stringify({ a: { ...one, dtype: 'constructor' } }),
      8,
      /dtype constructor/,
    ],
    ['twice the same key', `{"a":${JSON.stringify(one)},"a":${JSON.stringify(one)}}`, 8, /spelled/],
    ['metadata', '{"__metadata__":{"by":"x"}}', 0, /dtype/],
    ['an array', '[]', 0, /not an object/],
    ['nothing', '', 0, /JSON/],
    ['very deep', '['.repeat(100_000), 0, /./],
  ]
  for (const [what, header, dataBytes, why] of cases) {
    test(what, () => {
      assert.throws(() => readHeader(Buffer.from(header), dataBytes), why)
    })
  }
})

/** One byte in place: to write the file anew would make some file systems sync it each time. */
function overwrite(name: string, at: number, byte: number): void {
  const fd = openSync(join(newest, name), 'r+')
  writeSync(fd, Uint8Array.of(byte), 0, 1, at)
  closeSync(fd)
}

async function assertPrevious(what: string): Promise<void> {
  const { checkpoint, refused } = await openStore().latest()
  assert.equal(checkpoint?.generation, 1, what)
  assert.deepEqual(
    refused.map(({ name }) => name),
    ['checkpoint-000000002'],
    what,
  )
  if (what.endsWith('0')) assertSame(checkpoint, sampleCheckpoint(1))
}

/** Marsaglia's xorshift: any seeded numbers will do here. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
