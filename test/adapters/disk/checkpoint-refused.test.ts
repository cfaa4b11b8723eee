// What the disk store does not load although it is not torn: links, other writers, too large ones.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createDiskCheckpointStore } from '../../../src/adapters/disk/checkpoint-store.ts'
import { readManifest, writeManifest } from '../../../src/adapters/disk/manifest.ts'
import { Failure } from '../../../src/errors.ts'
import { assertSame, sampleCheckpoint } from '../../contracts/checkpoint-store.ts'
import { freshDirectory, hasCode, openAt } from './places.ts'

test('links are refused, as directory and as file', async () => {
  const directory = freshDirectory()
  for (const generation of [1, 2, 3]) await openAt(directory).save(sampleCheckpoint(generation))
  const path = (name: string): string => join(directory, name)
  renameSync(path('checkpoint-000000003'), path('elsewhere'))
  symlinkSync(path('elsewhere'), path('checkpoint-000000003'))
  renameSync(path('checkpoint-000000002/texts.safetensors'), path('texts'))
  symlinkSync(path('texts'), path('checkpoint-000000002/texts.safetensors'))
  const { checkpoint, refused, newest } = await openAt(directory).latest()
  assertSame(checkpoint, sampleCheckpoint(1))
  assert.equal(newest, 3)
  assert.deepEqual(
    refused.map(({ name }) => name),
    ['checkpoint-000000003', 'checkpoint-000000002'],
  )
  assert.match(refused[0]?.why ?? '', /link/)
})

test('a newer format or another program is an error that says what to do', async () => {
  const manifest = { generation: 2, files: [], facts: {} }
  const foreign = [
    writeManifest(manifest)
      .replace('"format": 1', '"format": 3')
      .replace(/,\n {2}"seal[\s\S]*/, ''),
    '{"program":"elsewhere","layers":[1,2]}',
  ]
  for (const text of foreign) {
    const directory = freshDirectory()
    await openAt(directory).save(sampleCheckpoint(1))
    mkdirSync(join(directory, 'checkpoint-000000002'))
    const sealed = text.includes('"format"') ? reseal(text) : text
    writeFileSync(join(directory, 'checkpoint-000000002', 'manifest.json'), sealed)
    await assert.rejects(openAt(directory).latest(), (error) => {
      assert.ok(hasCode('CHECKPOINT_FOREIGN')(error))
      assert.match(
        (error as Error).message,
        /expected program neupr-worker and format 1 or 2, got .*; start/,
      )
      return true
    })
  }
})

test('a damaged manifest is never taken for a foreign one', () => {
  const text = writeManifest({ generation: 2, files: [], facts: { a: 1 } })
  readManifest(text, 'here')
  for (let at = 0; at < text.length * 8; at++) {
    const bytes = Buffer.from(text)
    bytes[at >> 3]! ^= 1 << (at & 7)
    assert.throws(
      () => readManifest(bytes.toString('latin1'), 'here'),
      (error) => !(error instanceof Failure),
    )
  }
})

test('a larger one than the bound is refused', async () => {
  const directory = freshDirectory()
  await openAt(directory).save(sampleCheckpoint(1))
  const { checkpoint, refused } = await createDiskCheckpointStore({
    directory,
    kept: 2,
    bytesMax: 99,
  }).latest()
  assert.equal(checkpoint, undefined)
  assert.match(refused[0]?.why ?? '', /expected at most 99/)
})

/** What a later version would write: the same way of sealing, another content. */
function reseal(body: string): string {
  return `${body},\n  "seal": "${createHash('sha256').update(body).digest('hex')}"\n}\n`
}
