// TensorFlow.js is optional: without its package, asking for it says in one line what to install. The compiled file
// runs in a folder that has no packages.

import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Failure } from '../../../src/errors.ts'

const folder = mkdtempSync(join(tmpdir(), 'no-tensorflow-'))
after(() => rmSync(folder, { recursive: true }))

/** The compiled src/adapters/tfjs/load.ts, where Node finds no @tensorflow package. */
async function loaderWithoutPackages() {
  const source = new URL('../../../src/', import.meta.url)
  mkdirSync(join(folder, 'adapters/tfjs'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const file of ['errors.js', 'adapters/tfjs/load.js']) {
    cpSync(fileURLToPath(new URL(file, source)), join(folder, file))
  }
  const copy = pathToFileURL(join(folder, 'adapters/tfjs/load.js')).href
  return (await import(copy)) as typeof import('../../../src/adapters/tfjs/load.ts')
}

for (const want of ['auto', 'pure', 'native'] as const) {
  test(`without @tensorflow/tfjs, '${want}' says what to install`, async () => {
    const { loadTensors } = await loaderWithoutPackages()
    await assert.rejects(loadTensors(want, {}), (error: Failure) => {
      assert.equal(error.code, 'SETTINGS_INVALID' satisfies Failure['code'])
      assert.match(error.message, /--engine tfjs needs the package @tensorflow\/tfjs/)
      assert.match(error.message, /npm install @tensorflow\/tfjs$/)
      assert.equal(error.message.split('\n').length, 1)
      return true
    })
  })
}
