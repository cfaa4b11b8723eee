// The memory of a thread that was started with a checkpoint.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { BroadcastChannel } from 'node:worker_threads'
import { createTrainerThread } from '../../../src/adapters/thread/trainer.ts'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { createTrainerInPlace } from '../../../src/trainer/loop/in-place.ts'
import { configOf } from '../../trainer/stream.ts'
import { createMemoryCheckpointStore } from '../memory/memory-checkpoint-store.ts'

const measured = new URL('./measured.js', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'neupr-release-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const config = configOf({ deterministic: false, checkpoints: folder })

test('the thread frees the checkpoint that it was started with', async () => {
  const checkpoints = createMemoryCheckpointStore({ kept: 1 })
  const first = createTrainerInPlace({
    ...{ config, checkpoints, engine: createWasmEngine() },
    ...{ nextGeneration: 1, versionBase: 0, nowMs: () => 0, report: () => undefined },
  })
  await first.checkpoint()
  const { checkpoint } = await checkpoints.latest()
  const bytes = 256 * 2 ** 20
  const ballast = { shape: [bytes / 8], data: new Float64Array(bytes / 8) }
  const resume = {
    ...checkpoint!,
    tensors: new Map([...checkpoint!.tensors, ['ballast', ballast]]),
  }
  const memory = new BroadcastChannel('memory of the trainer')
  const seen: number[] = []
  const freed = new Promise<void>((resolve) => {
    memory.onmessage = ({ data }: { data: unknown }) => {
      seen.push(Number(data))
      if (seen.at(-1)! < bytes / 2) resolve()
    }
  })
  const thread = createTrainerThread({
    ...{ entry: measured, config, resume, nextGeneration: 1, versionBase: 0 },
    report: () => undefined,
  })
  try {
    assert.equal((await thread.ask({ kind: 'stats' })).events, 0)
    const inTime = await Promise.race([
      freed.then(() => true),
      delay(20_000, false, { ref: false }),
    ])
    assert.ok(inTime, `the arrays of the thread still take ${seen.at(-1)} bytes`)
  } finally {
    memory.close()
    await thread.close()
  }
})
