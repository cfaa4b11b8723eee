// What every checkpoint store promises of generations that hold changes only.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../src/errors.ts'
import type {
  Checkpoint,
  CheckpointStore,
  LastOfChanges,
  TensorData,
} from '../../src/ports/checkpoint-store.ts'
import { assertSame, type OpenPlace, sampleCheckpoint } from './checkpoint-store.ts'

export function lastOf({ facts, tensors, texts }: Checkpoint): LastOfChanges {
  return {
    facts,
    tensors: new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, kind: data }])),
    texts: new Map([...texts].map(([name, list]) => [name, list.length])),
  }
}

/** Writes the checkpoint as changes to `base`, which puts all numbers and texts that differ, one by one. */
export async function saveAsChanges(
  store: CheckpointStore,
  checkpoint: Checkpoint,
  base?: Checkpoint,
): Promise<void> {
  const writer = store.saveChanges(checkpoint.generation, base?.generation)
  for (const [name, { shape, data }] of checkpoint.tensors) {
    const old = base?.tensors.get(name)
    const isSame = old?.data.constructor === data.constructor
    const known = isSame && old.shape.slice(1).join() === shape.slice(1).join() ? old.data : []
    data.forEach((value, at) => {
      if (Object.is(value, known[at] ?? 0)) return
      writer.put(name, at, data.subarray(at, at + 1) as TensorData)
    })
  }
  for (const [name, list] of checkpoint.texts) {
    const old = base?.texts.get(name) ?? []
    let same = 0
    while (same < Math.min(old.length, list.length) && old.at(same) === list.at(same)) same++
    writer.putTexts(name, same, list.slice(same))
  }
  await writer.commit(lastOf(checkpoint))
}

export function promisesOfChanges(openPlace: OpenPlace): void {
  test('changes to nothing are everything', async () => {
    const open = openPlace(3)
    await saveAsChanges(open(), sampleCheckpoint(1))
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(1))
  })

  test('changes to changes to a whole one, to another start too', async () => {
    const open = openPlace(5)
    await open().save(sampleCheckpoint(1))
    for (let generation = 2; generation <= 4; generation++) {
      const store = open()
      assert.equal(store.takesChanges(generation - 1), true)
      await saveAsChanges(store, sampleCheckpoint(generation), sampleCheckpoint(generation - 1))
      assertSame((await open().latest()).checkpoint, sampleCheckpoint(generation))
    }
    assertSame((await open().latest(3)).checkpoint, sampleCheckpoint(2))
    assert.equal(open().takesChanges(5), false)
  })

  test('nothing is seen before commit(), and nothing at all after abandon()', async () => {
    const open = openPlace(3)
    const store = open()
    await store.save(sampleCheckpoint(1))
    const begun = () => {
      const writer = store.saveChanges(2, 1)
      writer.put('rows.U', 0, Float32Array.of(2))
      writer.put('one', 0, Float32Array.of(2))
      return writer
    }
    const left = begun()
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(1))
    await begun().abandon()
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(1))
    await saveAsChanges(store, sampleCheckpoint(2), sampleCheckpoint(1))
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(2))
    await left.abandon()
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(2))
  })

  test('tensors and lists come, go, grow, shrink and become others; the last piece counts', async () => {
    const tensor = fc.oneof(
      fc.float32Array({ maxLength: 6 }).map((data) => ({ shape: [data.length], data })),
      fc.float32Array({ maxLength: 3 }).map((some) => {
        const data = Float32Array.from([...some, ...some])
        return { shape: [some.length, 2], data }
      }),
      fc.array(fc.nat(9), { maxLength: 6 }).map((some) => {
        return { shape: [some.length], data: Int32Array.from(some) }
      }),
    )
    const name = fc.constantFrom('a', 'b', '__proto__')
    const content = fc.record({
      tensors: fc.array(fc.tuple(name, tensor), { maxLength: 4 }),
      texts: fc.array(fc.tuple(name, fc.array(fc.constantFrom('x', 'y', '\ud800'))), {
        maxLength: 3,
      }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 5 }), async (contents) => {
        const open = openPlace(2)
        let base: Checkpoint | undefined
        for (const [k, { tensors, texts }] of contents.entries()) {
          const made = { tensors: new Map(tensors), texts: new Map(texts) }
          const checkpoint: Checkpoint = { generation: k + 1, facts: { k }, ...made }
          const writer = open()
          await saveAsChanges(writer, checkpoint, base)
          assertSame((await open().latest()).checkpoint, checkpoint)
          base = checkpoint
        }
      }),
      { numRuns: 40, seed: 5 },
    )
  })

  test('numbers are read before put() returns; facts that could not be given back are refused', async () => {
    const open = openPlace(3)
    const store = open()
    await store.save(sampleCheckpoint(1))
    const writer = store.saveChanges(2, 1)
    const data = Float32Array.of(2)
    writer.put('rows.U', 0, data)
    writer.put('one', 0, data)
    data.fill(9)
    await writer.commit(lastOf(sampleCheckpoint(2)))
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(2))
    const bad = store.saveChanges(3, 2)
    const facts = { loss: Number.NaN }
    await assert.rejects(bad.commit({ ...lastOf(sampleCheckpoint(3)), facts }), /loss/)
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(2))
  })

  test('a worker whose place was claimed by another can no longer save changes', async () => {
    const open = openPlace(3)
    const [older, newer] = [open(), open()]
    await older.claimEpoch()
    await older.save(sampleCheckpoint(1))
    const writer = older.saveChanges(2, 1)
    writer.put('one', 0, Float32Array.of(2))
    await newer.claimEpoch()
    await assert.rejects(writer.commit(lastOf(sampleCheckpoint(2))), (error) => {
      return error instanceof Failure && error.code === 'CHECKPOINT_TAKEN'
    })
    assertSame((await open().latest()).checkpoint, sampleCheckpoint(1))
  })
}
