// Kill -9 in the middle of saving, again and again: the newest generation that was reported saved, or a
// newer one, is always there whole, and nothing half written is ever seen.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createDiskCheckpointStore } from '../../../src/adapters/disk/checkpoint-store.ts'

const kills = Number(process.env.CHECKPOINT_KILLS ?? 12) // By night: 300.
const root = mkdtempSync(join(tmpdir(), 'kills-'))
after(() => rmSync(root, { recursive: true }))

for (const way of ['whole', 'changes']) {
  test(`${kills} kills during saves: ${way}`, () => killDuringSaves(way))
}

async function killDuringSaves(way: string): Promise<void> {
  const script = new URL('./save-until-stopped.js', import.meta.url).pathname
  const directory = mkdtempSync(join(root, `${way}-`))
  let known = 0
  for (let kill = 0; kill < kills; kill++) {
    const child = spawn(process.execPath, [script, directory, '200000', '999999', way])
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    await once(child.stdout, 'data')
    // Steps of a golden ratio: spread over the milliseconds a save takes, without a random number.
    await pause((kill * 0.618034 * 40) % 40)
    child.kill('SIGKILL')
    await once(child, 'close')
    known = Number(/saved (\d+)\n$/.exec(output)?.[1] ?? known)
    const store = createDiskCheckpointStore({ directory, kept: 3, bytesMax: 2 ** 30 })
    const { checkpoint, refused } = await store.latest()
    assert.deepEqual(refused, [])
    assert.ok(
      checkpoint && checkpoint.generation >= known,
      `saved ${known}, found ${checkpoint?.generation}`,
    )
    assert.ok(checkpoint.generation <= known + 1)
    assert.ok(checkpoint.tensors.get('all')?.data.every((value) => value === checkpoint.generation))
    assert.equal(checkpoint.texts.get('users')?.at(99), `${checkpoint.generation}-99`)
    assert.equal(await store.claimEpoch(), 2 * kill + 2)
    known = checkpoint.generation
  }
  assert.ok(known > kills)
}

test('two workers at once in one directory: the later one saves, the other stops, nothing is torn', async () => {
  const place = mkdtempSync(join(root, 'both-'))
  const script = new URL('./save-until-stopped.js', import.meta.url).pathname
  const outputs = ['', '']
  const both = outputs.map((_, at) => {
    const child = spawn(process.execPath, [script, place, '20000', '40'])
    child.stdout.on('data', (chunk: Buffer) => (outputs[at] += chunk.toString()))
    return once(child, 'close')
  })
  const codes = (await Promise.all(both)).map(([code]) => code)
  assert.deepEqual(codes, [0, 0])
  assert.ok(
    outputs.some((output) => output.endsWith('saved 40\n')),
    outputs.join(),
  )
  const store = createDiskCheckpointStore({ directory: place, kept: 3, bytesMax: 2 ** 30 })
  const { checkpoint, refused, newest } = await store.latest()
  assert.deepEqual([refused, newest, checkpoint?.generation], [[], 40, 40])
  assert.ok(checkpoint?.tensors.get('all')?.data.every((value) => value === 40))
})
