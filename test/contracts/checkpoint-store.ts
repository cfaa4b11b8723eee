// What every checkpoint store promises, whatever it keeps them in. Run by each adapter's test.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../src/errors.ts'
import type {
  Checkpoint,
  CheckpointStore,
  Tensor,
  TensorData,
} from '../../src/ports/checkpoint-store.ts'

/** Opens stores on one fresh place, each as after a new start; keeps the newest `kept` there. */
export type OpenPlace = (kept: number) => () => CheckpointStore

/** A small checkpoint of every kind of content; `mark` tells generations apart. */
export function sampleCheckpoint(generation: number, mark = generation): Checkpoint {
  return {
    generation,
    facts: { mark, seed: 7, positions: { 'file:a\n"b"': 12 }, list: [1, 0.5, null, true, 'ü'] },
    tensors: new Map<string, Tensor>([
      ['rows.U', { shape: [2, 3], data: Float32Array.of(mark, -0, 1e-38, 3.5, -2, 7) }],
      ['bytes', { shape: [5], data: Uint8Array.of(0, 1, 2, 254, 255) }],
      ['times', { shape: [2], data: Float64Array.of(1.7e12, 2 ** 53) }],
      ['signed', { shape: [1, 2], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) }],
      ['unsigned', { shape: [1], data: Uint32Array.of(2 ** 32 - 1) }],
      ['none', { shape: [0, 8], data: new Float32Array(0) }],
      ['one', { shape: [], data: Float32Array.of(mark) }],
    ]),
    texts: new Map([
      ['users', ['a', '', 'new\nline', 'nul\0', 'ünï', '🎧', '__proto__']],
      ['items', ['half \ud800 pair', '\udfff', 'whole 🎧']],
      ['nobody', []],
    ]),
  }
}

export function assertSame(got: Checkpoint | undefined, want: Checkpoint): void {
  assert.ok(got, 'expected a checkpoint, got none')
  assert.equal(got.generation, want.generation)
  assert.deepEqual(got.facts, want.facts)
  assert.deepEqual(
    sorted(got.texts).map(([name, list]) => [name, [...list]]),
    sorted(want.texts).map(([name, list]) => [name, [...list]]),
  )
  assert.deepEqual(
    sorted(got.tensors).map(([name, tensor]) => [name, tensor.shape, bitsOf(tensor.data)]),
    sorted(want.tensors).map(([name, tensor]) => [name, tensor.shape, bitsOf(tensor.data)]),
  )
}

export function checkpointStoreContract(openPlace: OpenPlace): void {
  describe('promises of a checkpoint store', () => {
    promisesOfContent(openPlace)
    promisesOfOrder(openPlace)
    promisesOfEpochs(openPlace)
  })
}

function promisesOfContent(openPlace: OpenPlace): void {
  test('gives back exactly what was saved, to another start too', async () => {
    const open = openPlace(3)
    assert.deepEqual(await open().latest(), { checkpoint: undefined, newest: 0, refused: [] })
    const saved = await open().save(sampleCheckpoint(1))
    assert.equal(saved.generation, 1)
    assert.ok(saved.bytes > 0)
    const found = await open().latest()
    assertSame(found.checkpoint, sampleCheckpoint(1))
    assert.deepEqual([found.newest, found.refused], [1, []])
  })

  test('has read the arrays when save() returns its promise', async () => {
    const open = openPlace(3)
    const checkpoint = sampleCheckpoint(1)
    const saving = open().save(checkpoint)
    for (const { data } of checkpoint.tensors.values()) data.fill(9)
    await saving
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(1))
  })

  test('keeps any texts, any names and any bits of numbers', async () => {
    const text = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(charOf), maxLength: 8 })
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 })
    const bits = fc.uint8Array({ maxLength: 64 }).map((bytes) => {
      const data = new Float32Array(bytes.slice(0, bytes.length & ~3).buffer)
      return { shape: [data.length], data }
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(name, fc.array(text)), { maxLength: 3 }),
        fc.array(fc.tuple(name, bits), { maxLength: 4 }),
        async (texts, tensors) => {
          const open = openPlace(2)
          const facts = {}
          const checkpoint = {
            generation: 4,
            facts,
            tensors: new Map(tensors),
            texts: new Map(texts),
          }
          await open().save(checkpoint)
          assertSame((await open().latest()).checkpoint, checkpoint)
        },
      ),
      { numRuns: 60, seed: 11 },
    )
  })

  test('refuses what it could not give back, and leaves the older one', async () => {
    const open = openPlace(3)
    const store = open()
    await store.save(sampleCheckpoint(1))
    const good = sampleCheckpoint(2)
    const flat = { shape: [2], data: new Float32Array(3) }
    const wrong: [Partial<Checkpoint>, RegExp][] = [
      [{ generation: 0 }, /generation/],
      [{ generation: 1.5 }, /generation/],
      [{ generation: 1e9 }, /generation/],
      [{ facts: { deep: { loss: Number.NaN } } }, /facts\.deep\.loss/],
      [{ facts: { offset: 2 ** 53 } }, /facts\.offset/],
      [{ facts: { gone: undefined } }, /facts\.gone/],
      [{ facts: { when: new Date(0) } }, /facts\.when/],
      [{ tensors: new Map([['flat', flat]]) }, /flat/],
      [{ tensors: new Map([['', flat]]) }, /name/],
      [{ texts: new Map([['users', [1 as unknown as string]]]) }, /users/],
    ]
    for (const [part, names] of wrong) {
      await assert.rejects(store.save({ ...good, ...part }), names)
    }
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(1))
  })
}

function promisesOfOrder(openPlace: OpenPlace): void {
  test('gives the newest by number, not by time', async () => {
    const open = openPlace(4)
    for (const generation of [9, 11, 10]) await open().save(sampleCheckpoint(generation))
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(11))
  })

  test('gives the newest below a number, for who needs an older one', async () => {
    const open = openPlace(3)
    for (const generation of [3, 5, 9]) await open().save(sampleCheckpoint(generation))
    assertSame((await open().latest(9)).checkpoint, sampleCheckpoint(5))
    assertSame((await open().latest(4)).checkpoint, sampleCheckpoint(3))
    const none = await open().latest(3)
    assert.deepEqual([none.checkpoint, none.newest], [undefined, 9])
  })

  test('a repeat of a generation replaces it', async () => {
    const open = openPlace(2)
    await open().save(sampleCheckpoint(5, 1))
    await open().save(sampleCheckpoint(5, 2))
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(5, 2))
  })

  test('two saves at once of one worker both arrive', async () => {
    const open = openPlace(3)
    const store = open()
    await Promise.all([store.save(sampleCheckpoint(1)), store.save(sampleCheckpoint(2))])
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(2))
  })
}

function promisesOfEpochs(openPlace: OpenPlace): void {
  test('epochs grow with every start, from 1', async () => {
    const open = openPlace(2)
    const epochs: number[] = []
    for (let start = 0; start < 4; start++) epochs.push(await open().claimEpoch())
    assert.deepEqual(epochs, [1, 2, 3, 4])
  })

  test('a worker whose place was claimed by another can no longer save', async () => {
    const open = openPlace(2)
    const [older, newer] = [open(), open()]
    await older.claimEpoch()
    await older.save(sampleCheckpoint(1))
    await newer.claimEpoch()
    await assert.rejects(older.save(sampleCheckpoint(2)), (error) => {
      return error instanceof Failure && error.code === 'CHECKPOINT_TAKEN'
    })
    assertSame((await older.latest()).checkpoint, sampleCheckpoint(1))
    await newer.save(sampleCheckpoint(2))
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(2))
  })
}

const charOf = (code: number): string => String.fromCharCode(code)

/** Names are compared by their units: the order in a map is not kept. */
function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Kind and bytes, so that -0 and the bits of a NaN count. */
function bitsOf(data: TensorData): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return `${data.constructor.name.replace('Buffer', 'Uint8Array')} ${bytes.toString('hex')}`
}
