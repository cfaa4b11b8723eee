// The setting `engine`, in place and in the trainer's thread: the reference runs both kinds of model, says what it
// is, and gives the lists of the others.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import { createLogger } from '../../src/adapters/log/logger.ts'
import { readConfig } from '../../src/config.ts'
import { checkNames, orderNews, prepareEngine } from '../../src/worker/engine.ts'
import { runWorker } from '../../src/worker/worker.ts'

const events = 40
const folder = mkdtempSync(join(tmpdir(), 'neupr-engine-'))
after(() => rmSync(folder, { recursive: true }))
const input = join(folder, 'events.tsv')
const lines = Array.from({ length: events }, (_, k) => {
  return `u${k % 5}\ti${(k * k + k) % 17}\t${1_700_000_000 + k}`
})
writeFileSync(input, `${lines.join('\n')}\n`)
let runs = 0

interface Line {
  readonly user: string
  readonly items: readonly { readonly item: string; readonly score: number }[]
}

async function run(flags: Record<string, unknown>) {
  const place = join(folder, String(++runs))
  const paths = { sink: `file:${place}.lists`, checkpoints: `${place}.checkpoints` }
  const { config } = readConfig({
    flags: { source: `file:${input}`, factors: 4, seed: 7, ...paths, ...flags },
    env: {},
  })
  const env: Record<string, string | undefined> = {}
  let name = ''
  const summary = await runWorker({
    config,
    io: {
      env,
      stdin: new PassThrough(),
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      nowMs: () => 1_800_000_000_000,
      elapsedMs: () => performance.now(),
      processorMs: () => 0,
      pause: async () => undefined,
      stop: new AbortController().signal,
    },
    logger: createLogger({ level: 'fatal', format: 'json', secrets: [], now: () => 0 }),
    fresh: true,
    stopAtEnd: true,
    onReport: (report) => {
      if (report.kind === 'engine') name = report.name
    },
  })
  assert.ok(summary !== undefined)
  const text = readFileSync(`${place}.lists`, 'utf8').trim()
  const lists = text.split('\n').map((line) => JSON.parse(line) as Line)
  return { name, summary, lists, env }
}

const models = {
  paper: { parts: 'rows', model: 'neupr', tower: 'joint', depth: 2 },
  fused: { parts: 'history,trend', effort: 'light' },
}

for (const [kind, flags] of Object.entries(models)) {
  test(`${kind}: every engine gives the same lists in place`, async () => {
    const all = { ...flags, deterministic: true }
    const reference = await run({ ...all, engine: 'tfjs' })
    assert.match(reference.name, /^(tfjs-cpu|tensorflow)$/)
    assert.equal(reference.summary.events, events)
    for (const engine of ['arrays', 'wasm']) {
      const { name, lists } = await run({ ...all, engine })
      assert.equal(name, engine)
      assert.equal(lists.length, reference.lists.length)
      lists.forEach(({ user, items }, at) => {
        const expected = reference.lists[at]!
        assert.equal(user, expected.user)
        const ids = (of: Line['items']) => of.map(({ item }) => item)
        assert.deepEqual(ids(items), ids(expected.items))
        items.forEach(({ score }, k) => {
          assert.ok(Math.abs(score - expected.items[k]!.score) < 1e-4)
        })
      })
    }
  })

  test(`${kind}: the reference learns in the thread, too`, async () => {
    const { name, summary, lists } = await run({ ...flags, engine: 'tfjs' })
    assert.match(name, /^(tfjs-cpu|tensorflow)$/)
    assert.equal(summary.events, events)
    assert.equal(new Set(lists.map(({ user }) => user)).size, 5)
  })
}

test('native libraries find their variables in the environment before a thread starts', () => {
  const variablesFor = (engine: 'arrays' | 'tfjs'): Record<string, string | undefined> => {
    const env = { OMP_NUM_THREADS: '3' }
    prepareEngine(readConfig({ flags: { engine }, env: {} }).config, env)
    return env
  }
  assert.deepEqual(variablesFor('arrays'), { OMP_NUM_THREADS: '3' })
  const { OMP_NUM_THREADS, TF_NUM_INTRAOP_THREADS } = variablesFor('tfjs')
  assert.deepEqual([OMP_NUM_THREADS, TF_NUM_INTRAOP_THREADS], ['3', '1'])
})

test('more users and items than a memory can ever hold are refused at the start, with what fits', () => {
  const prepare = (flags: Record<string, string>) =>
    prepareEngine(readConfig({ flags, env: {} }).config, {})
  prepare({})
  const wide = { parts: 'rows', tower: 'joint', factors: '64', optimizer: 'adam' }
  const message =
    /rows\.neupr with 64 factors needs 10\.\d\d GiB for 2,000,000 users and 1,000,000 items \(38\d\d bytes a user/
  let users = 0
  assert.throws(
    () => prepare(wide),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'LIMIT_REACHED')
      assert.match(error.message, message)
      const fitting = /it holds ([\d,]+) users beside these items/.exec(error.message)?.[1] ?? ''
      users = Number(fitting.replaceAll(',', ''))
      return true
    },
  )
  prepare({ ...wide, usersMax: String(users) })
  assert.throws(() => prepare({ ...wide, usersMax: String(users + 2) }), { code: 'LIMIT_REACHED' })
  prepare({ ...wide, engine: 'arrays' })
})

test('bounds that leave no room to count the order of neighbours are told, with those that would', () => {
  const told = (flags: Record<string, string>) => orderNews(readConfig({ flags, env: {} }).config)
  const short = { itemsMax: '100000', neighboursBytesMax: '51199999' }
  const message = /\(neighbours\.next\): for 100000 items .* of 51200000, and it is 51199999$/
  assert.match(told(short) ?? '', message)
  assert.equal(told({ ...short, neighboursBytesMax: '51200000' }), undefined)
  assert.equal(told({}), undefined)
  assert.equal(told({ ...short, effort: 'light' }), undefined)
  assert.equal(told({ ...short, parts: 'history,trend' }), undefined)
})

test('more names than the heap holds are refused at the start, with the heap that would hold them', () => {
  const gibibyte = 2 ** 30
  checkNames({ usersMax: 2_000_000, itemsMax: 1_000_000 }, gibibyte / 4)
  checkNames({ usersMax: 20_000_000, itemsMax: 5_000_000 }, 2 * gibibyte)
  const most = { usersMax: 50_000_000, itemsMax: 5_000_000 }
  let asked = 0
  assert.throws(
    () => checkNames(most, 2 * gibibyte),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'LIMIT_REACHED')
      assert.match(error.message, /--users-max 50000000 and --items-max 5000000 take 2504 MiB/)
      asked = Number(/max-old-space-size=(\d+)/.exec(error.message)?.[1])
      return true
    },
  )
  checkNames(most, asked * 2 ** 20)
})
