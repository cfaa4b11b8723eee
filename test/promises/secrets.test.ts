// Secrets planted in every setting that holds one turn up nowhere: not in logs, metrics, page, lists, dead letters,
// printed settings, nor in the last words of a worker that cannot go on.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { settings } from '../../src/settings/all.ts'
import type { Setting } from '../../src/settings/setting.ts'
import { freePort } from '../servers/ports.ts'
import { packageRoot } from '../servers/versions.ts'

const canary = 'c4n4ry-9f/3@x'
const encoded = encodeURIComponent(canary)
const forms = [canary, encoded, 'c4n4ry', 'C4N4RY']
const rows = Object.entries(settings) as [string, Setting<unknown>][]

interface Stage {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
}

/** Every secret setting, and every file of a secret, says the canary. */
function stage(t: TestContext, more: Readonly<Record<string, string>>): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'neupr-secrets-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'secret')
  writeFileSync(file, `${canary}\n`)
  const planted = rows.flatMap(([name, row]) => {
    if (name === 'redis') return []
    if (row.secret) return [[row.env, canary]]
    // A key file needs a certificate beside it; with a canary in both nothing would start.
    return /(Password|Token)File$/.test(name) ? [[row.env, file]] : []
  })
  const env = {
    ...Object.fromEntries(planted),
    PATH: process.env.PATH ?? '',
    NEUPR_CHECKPOINTS: join(folder, 'checkpoints'),
    NEUPR_SINK: `file:${join(folder, 'lists.ndjson')}`,
    NEUPR_LOG_LEVEL: 'debug',
    ...more,
  }
  return { folder, env }
}

function start(t: TestContext, { env }: Stage, args: readonly string[]) {
  const main = join(packageRoot, 'dist/bin/main.js')
  const child = spawn(process.execPath, ['--enable-source-maps', main, ...args], { env })
  t.after(() => child.kill('SIGKILL'))
  const out = { text: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      out.text += chunk.toString()
    })
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, out, ended }
}

function assertSilent(place: string, text: string): void {
  const found = forms.filter((form) => text.includes(form))
  assert.deepEqual(found, [], `${place}: ${text.slice(0, 2_000)}`)
}

async function until(holds: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, what())
    await delay(50)
  }
}

test('a worker at work tells no secret: log, metrics, page, state, lists, dead letters', async (t) => {
  const port = await freePort()
  const set = stage(t, { NEUPR_SOURCE: 'file:-', NEUPR_HTTP_PORT: String(port) })
  const { child, out, ended } = start(t, set, ['run'])
  const bearer = { authorization: `Bearer ${canary}` }
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { headers: bearer })
  for (let k = 0; k < 300; k++) {
    const event = {
      user: `u${k % 9}`,
      item: `i${(k * 7) % 40}`,
      timestamp: 1e12 + k,
      action: 'ADD',
    }
    child.stdin.write(`${JSON.stringify(event)}\n${k % 50 === 0 ? 'not an event\n' : ''}`)
  }
  const applied = async () =>
    (
      await get('/metrics')
        .then((got) => got.text())
        .catch(() => '')
    ).includes('neupr_events_applied_total 300')
  await until(applied, () => out.text)
  await until(
    async () => (await get('/api/user/u1')).ok,
    () => out.text,
  )
  for (const path of [
    '/',
    '/metrics',
    '/api/state',
    '/api/curves',
    '/api/user/u1',
    '/readyz',
    '/livez',
  ]) {
    const got = await get(path)
    const text = await got.text()
    assert.ok(got.status < 400, `${path} ${got.status} ${text}`)
    assertSilent(path, text)
  }
  child.stdin.end()
  assert.equal(await ended, 0, out.text)
  assert.match(out.text, /the worker has started/)
  assertSilent('output', out.text)
  for (const name of readdirSync(set.folder).filter((one) => one.endsWith('.ndjson'))) {
    assertSilent(name, readFileSync(join(set.folder, name), 'utf8'))
  }
  assert.ok(readdirSync(set.folder).some((name) => name.includes('dead-letters')))
})

test('a worker whose store is out of reach tells that, and not how it signs in', async (t) => {
  const [port, nobody] = [await freePort(), await freePort()]
  const set = stage(t, {
    NEUPR_SOURCE: 'file:-',
    NEUPR_HTTP_PORT: String(port),
    REDIS_URL: `redis://worker:${encoded}@127.0.0.1:${nobody}`,
    NEUPR_REDIS_PASSWORD_FILE: '',
  })
  const { child, out, ended } = start(t, set, ['run'])
  const ready = () =>
    fetch(`http://127.0.0.1:${port}/readyz`)
      .then((got) => got.text())
      .catch(() => '')
  await until(
    async () => (await ready()).includes('STORE_UNREACHABLE'),
    () => out.text,
  )
  assertSilent('/readyz', await ready())
  child.kill('SIGTERM')
  await ended
  assert.match(out.text, /STORE_UNREACHABLE/)
  assertSilent('output', out.text)
})

test('the last words of a worker that cannot go on hold no secret, nor do printed settings', async (t) => {
  const wrong = [
    { NEUPR_SOURCE: 'nowhere' },
    { NEUPR_FACTORS: 'many' },
    { REDIS_URL: `redis://me:${encoded}@host:port` },
    { NEUPR_SOURCE: 'file:/nowhere/at/all.ndjson', REDIS_URL: '' },
  ]
  for (const more of wrong) {
    const { out, ended } = start(t, stage(t, more), ['run'])
    assert.notEqual(await ended, 0, JSON.stringify(more))
    assert.ok(out.text.length > 20)
    assertSilent(JSON.stringify(more), out.text)
  }
  const printed = start(
    t,
    stage(t, { REDIS_URL: `redis://:${encoded}@r:1`, NEUPR_REDIS_PASSWORD_FILE: '' }),
    ['config'],
  )
  assert.equal(await printed.ended, 0)
  assert.match(printed.out.text, /\[redacted\]/)
  assertSilent('config', printed.out.text)
})
