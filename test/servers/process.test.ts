// The harness keeps its word: servers answer before they are used, and end with the process that started them.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { answers, freePort } from './ports.ts'
import { dataFolder, launch } from './process.ts'
import { packageRoot } from './versions.ts'

const listener = (port: number) =>
  `require('net').createServer().listen(${port}, '127.0.0.1'); setInterval(() => {}, 1000)`

test('a server is up when launch() resolves, and gone when stop() does', async () => {
  const port = await freePort()
  const folder = await dataFolder('test')
  const server = await launch({
    name: 'listener',
    command: process.execPath,
    args: ['-e', listener(port)],
    folder: folder.path,
    ready: () => answers(port),
  })
  assert.equal(await answers(port), true)
  await server.stop()
  assert.equal(await answers(port), false)
  await folder.remove()
})

test('a server that dies at its start is reported with its last words', async () => {
  const folder = await dataFolder('test')
  const dying = launch({
    name: 'dying',
    command: process.execPath,
    args: ['-e', 'console.error("no such disk"); process.exit(3)'],
    folder: folder.path,
    ready: async () => false,
  })
  await assert.rejects(dying, /dying exit 3; its last words:\nno such disk/)
  await folder.remove()
})

test('servers and their folders do not outlive a killed test run', async () => {
  const port = await freePort()
  const servers = (file: string) => join(packageRoot, 'dist', 'test', 'servers', file)
  const script = `
    const { launch, dataFolder } = await import(${JSON.stringify(servers('process.js'))})
    const { answers } = await import(${JSON.stringify(servers('ports.js'))})
    const folder = await dataFolder('test')
    await launch({ name: 'orphan', command: process.execPath, args: ['-e', ${JSON.stringify(listener(port))}],
      folder: folder.path, ready: () => answers(${port}) })
    console.log(folder.path)
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script])
  const lines = createInterface({ input: parent.stdout })
  const [folder] = (await once(lines, 'line')) as [string]
  assert.equal(await answers(port), true)
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  const deadline = performance.now() + 5_000
  while ((await answers(port)) || existsSync(folder)) {
    assert.ok(performance.now() < deadline, 'the server is still there')
    await delay(20)
  }
})
