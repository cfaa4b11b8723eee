// A file that is written beside other work: what was added is in it, however far behind the disk was, and what fails is
// thrown at the end.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { behindBytesMax, GrowingFile } from '../../../src/adapters/disk/changes/growing-file.ts'
import { createRandom } from '../../../src/sample/random.ts'

const root = mkdtempSync(join(tmpdir(), 'growing-'))
after(() => rmSync(root, { recursive: true }))

test('what was added is in the file, in order, also where nobody waits for the disk', async () => {
  const random = createRandom(1, 'growing')
  // The folder comes late, so nothing at all is written while the first bytes are added.
  let made: (folder: string) => void = () => undefined
  const folder = new Promise<string>((resolve) => {
    made = resolve
  })
  const file = new GrowingFile(folder, 'numbers')
  const wanted = createHash('sha256')
  let bytes = 0
  const add = (length: number) => {
    const data = new Uint8Array(length).fill(random.below(256))
    file.add(data)
    wanted.update(data)
    bytes += length
    // It has been copied.
    data.fill(0)
  }
  while (file.room() === undefined) add(random.below(500_000))
  assert.ok(bytes < behindBytesMax / 4, `asks to wait after ${bytes} bytes`)
  made(root)
  while (bytes < 2 * behindBytesMax) add(random.below(500_000))
  while (file.room() !== undefined) await file.room()
  assert.equal(file.waiting, 0)
  let most = 0
  while (bytes < 4 * behindBytesMax) {
    add(random.below(500_000))
    most = Math.max(most, file.waiting)
  }
  assert.ok(most <= behindBytesMax + 2 ** 20, `${most} bytes wait in memory`)
  const facts = await file.finish()
  const sha256 = wanted.digest('hex')
  assert.deepEqual(facts, { name: 'numbers', bytes, sha256 })
  const found = readFileSync(join(root, 'numbers'))
  assert.equal(createHash('sha256').update(found).digest('hex'), sha256)
})

test('a thread that is busy most of the time writes far more in a turn of its loop than one piece', async () => {
  const file = new GrowingFile(Promise.resolve(root), 'busy')
  // 32 pieces, which the disk asks nobody to wait for.
  file.add(new Uint8Array(8 * 1024 * 1024))
  const wait = new Int32Array(new SharedArrayBuffer(4))
  let turns = 0
  while (file.waiting > 0) {
    turns++
    Atomics.wait(wait, 0, 0, 20)
    await setImmediate()
  }
  assert.ok(turns <= 16, `${turns} turns`)
  assert.equal((await file.finish()).bytes, 8 * 1024 * 1024)
})

test('what fails is thrown at the end, and nothing before it', async () => {
  writeFileSync(join(root, 'there'), '')
  const nowhere = Promise.reject(new Error('no folder'))
  for (const [file, why] of [
    [new GrowingFile(Promise.resolve(root), 'there'), /EEXIST/],
    [new GrowingFile(nowhere, 'file'), /no folder/],
  ] as const) {
    file.add(new Uint8Array(1_000_000))
    await file.room()
    await assert.rejects(file.finish(), why)
    await file.close()
  }
})
