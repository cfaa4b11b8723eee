// The status page after the end of the work: it stays where a person asked for it, and what a script starts ends.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { keepsPage } from '../../src/command/keep-page.ts'
import type { Config } from '../../src/config.ts'
import type { State } from '../../src/ports/status.ts'
import { freePort } from '../servers/ports.ts'
import { jsonLines, run, start, temporary, writeWorld } from './program.ts'

const folder = temporary()
const events = join(folder, 'events.ndjson')
writeWorld(events, 600)

const runOf = (name: string, port: number) => [
  ...['run', '--source', `file:${events}`, '--sink', `file:${join(folder, `${name}.ndjson`)}`],
  ...['--checkpoints', join(folder, name), '--stop-at-end', '--effort', 'light'],
  ...['--http-port', String(port)],
]

async function stateOf(port: number): Promise<State> {
  return (await (await fetch(`http://127.0.0.1:${port}/api/state`)).json()) as State
}

test('run --keep-page: the page says finished and explains lists until Ctrl-C, all else is closed', async (t) => {
  const port = await freePort()
  const program = start([...runOf('kept', port), '--keep-page'])
  t.after(() => program.child.kill('SIGKILL'))
  await program.said(`finished, the page stays at http://127.0.0.1:${port} until Ctrl-C`)
  const { finishedAt, trainer, conditions, recentUsers } = await stateOf(port)
  assert.ok(finishedAt !== undefined)
  assert.equal(trainer?.events, 600)
  assert.deepEqual(
    conditions.filter(({ ok }) => !ok),
    [],
  )
  const asked = await fetch(`http://127.0.0.1:${port}/api/user/${recentUsers[0]}`)
  assert.equal(asked.status, 200)
  assert.equal(((await asked.json()) as { items: unknown[] }).items.length, 10)
  const lists = readFileSync(join(folder, 'kept.ndjson'), 'utf8')
  assert.ok(jsonLines(lists).length > 0)
  program.child.kill('SIGINT')
  const { code, stderr } = await program.ended
  assert.equal(code, 0, stderr)
  assert.equal(readFileSync(join(folder, 'kept.ndjson'), 'utf8'), lists)
})

test('without a terminal a run ends when its work does, also with a port', async () => {
  const { code, stderr } = await run(runOf('script', await freePort()))
  assert.equal(code, 0, stderr)
  assert.ok(!stderr.includes('the page stays'))
})

test('demo --http-port: the page stays, below what the demo says at its end', async (t) => {
  const port = await freePort()
  const program = start(['demo', '--data', events, '--effort', 'light', '--http-port', `${port}`])
  t.after(() => program.child.kill('SIGKILL'))
  const stays = `finished, the page stays at http://127.0.0.1:${port} until Ctrl-C`
  let told = ''
  await new Promise<void>((resolve) => {
    program.child.stdout!.on('data', (chunk: Buffer) => {
      told += chunk.toString()
      if (told.includes(stays)) resolve()
    })
  })
  assert.ok(told.indexOf('What to try next') < told.indexOf(stays))
  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200)
  assert.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200)
  assert.ok((await stateOf(port)).finishedAt !== undefined)
  program.child.kill('SIGTERM')
  assert.equal((await program.ended).code, 0)
})

test('who asks for the page: a port among the flags, or --keep-page; never a port in the environment', () => {
  const withPort = { httpPort: 9_100 } as Config
  assert.equal(keepsPage({ httpPort: '9100' }, withPort, true), true)
  assert.equal(keepsPage({ httpPort: '9100' }, withPort, false), false)
  assert.equal(keepsPage({}, withPort, true), false)
  assert.equal(keepsPage({ httpPort: '9100', keepPage: false }, withPort, true), false)
  assert.equal(keepsPage({ keepPage: true }, withPort, false), true)
  assert.throws(() => keepsPage({ keepPage: true }, { httpPort: 0 } as Config, true), /--http-port/)
})
