// Restarts of the trainer as the worker runs it, with the default parts in WebAssembly: wherever it was stopped, every
// list, null and byte of state is what it would have been.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import type { RankedList, TrainerBatch } from '../../../src/messages.ts'
import type { Checkpoint } from '../../../src/ports/checkpoint-store.ts'
import type { Trainer } from '../../../src/ports/trainer.ts'
import { createTrainerInPlace } from '../../../src/trainer/loop/in-place.ts'
import { createMemoryCheckpointStore } from '../../adapters/memory/memory-checkpoint-store.ts'
import { configOf, streamOf } from '../stream.ts'

const config = configOf({ listStaleEvents: 1_000, probeUsersMax: 50 })
const stream = withForgetting(streamOf(1_800))

/** Some users ask to be forgotten on the way. */
function withForgetting(batches: readonly TrainerBatch[]): TrainerBatch[] {
  return batches.map((batch, k) => {
    return k % 7 === 3 ? { ...batch, forgotten: batch.users.slice(0, 2) } : batch
  })
}

interface Run {
  readonly trainer: Trainer
  /** Every list and wish to forget that was reported since the last call. */
  out(): string[]
  /** Saves, and gives what was saved. */
  save(): Promise<Checkpoint>
}

function begin(resume?: Checkpoint): Run {
  const lines: string[] = []
  const checkpoints = createMemoryCheckpointStore({ kept: 2 })
  const trainer = createTrainerInPlace({
    config,
    engine: createWasmEngine(),
    checkpoints,
    resume,
    nextGeneration: (resume?.generation ?? 0) + 1,
    versionBase: 0,
    nowMs: () => 0,
    report(report) {
      if (report.kind === 'lists') lines.push(...report.lists.map(lineOf))
      if (report.kind === 'forgotten') lines.push(`forgotten ${report.users.join(' ')}`)
    },
  })
  return {
    trainer,
    out: () => lines.splice(0),
    async save() {
      await trainer.checkpoint()
      const { checkpoint } = await checkpoints.latest()
      return checkpoint!
    },
  }
}

function lineOf(list: RankedList): string {
  const { user, position, modelVersion, newestEvent, source } = list
  const bits = Buffer.from(list.scores.buffer, list.scores.byteOffset, list.scores.byteLength)
  const about = [user, position.offset, modelVersion, newestEvent, source, ...list.items]
  return `${about.join(' ')} ${bits.toString('hex')}`
}

/** Every tensor by a digest of its bytes, all texts, all facts: what differs is named. */
function digestOf({ facts, tensors, texts }: Checkpoint) {
  const digest = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')
  return {
    facts,
    tensors: Object.fromEntries(
      [...tensors].map(([name, { shape, data }]) => {
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
        return [name, `${shape.join('×')} ${digest(bytes)}`]
      }),
    ),
    texts: Object.fromEntries(
      [...texts].map(([name, list]) => [name, digest([...list].join('\n'))]),
    ),
  }
}

test('stopped without warning at any batch end: from its checkpoint everything goes on to the same bits', async () => {
  const uninterrupted = begin()
  let next = begin()
  for (const [k, batch] of stream.entries()) {
    await uninterrupted.trainer.offer(batch)
    await next.trainer.offer(batch)
    assert.deepEqual(next.out(), uninterrupted.out(), `lists of batch ${k}`)
    const saved = await next.save()
    assert.deepEqual(
      digestOf(saved),
      digestOf(await uninterrupted.save()),
      `state after batch ${k}`,
    )
    next = begin(saved)
  }
  await uninterrupted.trainer.drain()
  await next.trainer.drain()
  const [ours, theirs] = [next.out(), uninterrupted.out()]
  assert.deepEqual(ours, theirs)
  // But for the bytes that tables have reserved to grow.
  const stats = { ...(await next.trainer.ask({ kind: 'stats' })), bytes: 0 }
  const expected = { ...(await uninterrupted.trainer.ask({ kind: 'stats' })), bytes: 0 }
  assert.deepEqual(stats, expected)
  // All that was measured on the way is part of it.
  assert.ok(stats.quality.last30.model!.events > 100)
  assert.ok(stats.forgetting.users > 0)
})

test('stopped in good order, which lists all who wait: what was learned goes on to the same bits', async () => {
  const uninterrupted = begin()
  for (const batch of stream) await uninterrupted.trainer.offer(batch)
  await uninterrupted.trainer.drain()
  const expected = digestOf(await uninterrupted.save())
  const first = begin()
  // 700 events: not the end of a turn.
  for (const batch of stream.slice(0, 7)) await first.trainer.offer(batch)
  await first.trainer.drain()
  const second = begin(await first.save())
  for (const batch of stream.slice(7)) await second.trainer.offer(batch)
  await second.trainer.drain()
  const state = digestOf(await second.save())
  const learned = ({ tensors }: typeof state) =>
    Object.entries(tensors).filter(([name]) => !name.startsWith('lists.'))
  assert.deepEqual(learned(state), learned(expected))
  assert.deepEqual(state.facts, expected.facts)
})
