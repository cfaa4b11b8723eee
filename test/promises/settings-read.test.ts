// Every setting that a command accepts is read by it: each command is run on a small log while V8 notes which code is
// reached, and the name of the setting has to stand in what was. What only servers need has to be read somewhere.

import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type SettingName, settingsRead } from '../../src/command/settings-read.ts'
import { settings } from '../../src/settings/all.ts'
import { kafka, updates } from '../../src/settings/kafka.ts'
import { redis } from '../../src/settings/redis.ts'
import { run, temporary, writeWorld } from '../e2e/program.ts'
import { freePort } from '../servers/ports.ts'

const folder = temporary()
const at = (name: string): string => join(folder, name)
const log = at('events.ndjson')
writeWorld(log, 300)
writeFileSync(at('items.ndjson'), '{"item":"i001","available":false}\n')
const source = fileURLToPath(new URL('../../src/', import.meta.url))
/** The modules one by one, not the bundle: what is reached is noted by file. */
const entry = join(source, 'main.js')
/** Where a name says nothing of a reader: all settings pass there. */
const notReaders =
  /^(settings|config\.js|command\/(settings-|reading-flags|usual-flags|help|config))/
/** Read by what a run that is over at once and without servers does not reach. */
const ofServers: ReadonlySet<string> = new Set([
  ...[...Object.keys(kafka), ...Object.keys(updates), ...Object.keys(redis)],
  // While nothing arrives for a while.
  ...['backlogAge', 'deadLetters', 'idleReplays', 'itemForm'],
])

const small = ['--effort', 'light', '--seed', '3']
const paper = ['--parts', 'rows', '--engine', 'arrays', '--factors', '8']
const shed = ['--overload', 'shed']
const ends = '--no-keep-page'
const light = [...small, '--factors', '8']
const runOf = (name: string) => [
  ...['run', '--source', `file:${log}`, '--sink', `file:${at(`${name}.out`)}`, '--stop-at-end'],
  ...['--checkpoints', at(name)],
]
const pretrainOf = (name: string) => ['pretrain', '--data', log, '--checkpoints', at(name)]
const prequential = ['prequential', '--data', log, '--against', 'none', '--json']
const tuneOf = (name: string) => [
  ...['tune', '--data', log, '--only', 'model', '--results', at(`${name}.ndjson`)],
]

/** Between them the lines of a command reach all that it does without a server. */
const lines: Readonly<Record<Exclude<keyof typeof settingsRead, 'rebuild'>, string[][]>> = {
  run: [
    [...runOf('one'), ...light, ...shed, '--http-port', String(await freePort())],
    [...runOf('two'), ...paper, '--deterministic', '--checkpoint-every-events', '100'],
    [...runOf('three'), ...light, '--deterministic', '--items', `file:${at('items.ndjson')}`],
  ],
  demo: [
    ['demo', '--data', log, ...light, ...shed, '--http-port', String(await freePort()), ends],
    ['demo', '--data', log, ...paper, '--deterministic'],
  ],
  pretrain: [
    [...pretrainOf('four'), ...light],
    [...pretrainOf('five'), ...paper, '--epochs', '1'],
  ],
  prequential: [
    [...prequential, ...light],
    [...prequential, ...paper],
  ],
  tune: [
    [...tuneOf('tune-light'), ...light],
    [...tuneOf('tune-paper'), ...paper],
  ],
}

for (const [command, calls] of Object.entries(lines)) {
  test(`${command} reads every setting that it accepts`, async () => {
    const reached = new Map<string, Uint8Array>()
    const play = async (args: string[], k: number): Promise<void> => {
      const coverage = at(`${command}-${k}`)
      mkdirSync(coverage)
      const { code, stderr } = await run(args, { entry, env: { NODE_V8_COVERAGE: coverage } })
      assert.equal(code, 0, stderr)
      addReached(reached, coverage)
    }
    await Promise.all(calls.map(play))
    assert.ok(reached.size > 50, `${reached.size} files`)
    const accepted = settingsRead[command as keyof typeof settingsRead]
    const unread = accepted.filter((name) => !ofServers.has(name) && !isRead(name, reached))
    assert.deepEqual(unread, [])
  })
}

test('what these runs do not reach is read somewhere', () => {
  const all = new Map<string, Uint8Array>()
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.js')) all.set(file, new Uint8Array(textOf(file).length).fill(1))
  }
  const unread = [...ofServers].filter((name) => !isRead(name, all))
  assert.deepEqual(unread, [])
})

test('no setting is without a command, and a name that nothing reads is found', () => {
  const accepted = new Set<string>(Object.values(settingsRead).flat())
  assert.deepEqual([...accepted].sort(), Object.keys(settings).sort())
  const made = new Map([['made-up.js', new Uint8Array(100).fill(1)]])
  assert.equal(
    isRead('listsWaitingMax', made, () => 'const { k, listsWaitingMax } = config'),
    true,
  )
  assert.equal(
    isRead('listsWaitingMax', made, () => 'options = { listsWaitingMaximum: 3 }'),
    false,
  )
  assert.equal(
    isRead('k', made, () => 'const k = config.known'),
    false,
  )
  made.set('made-up.js', new Uint8Array(100))
  assert.equal(
    isRead('k', made, () => 'use(config.k)'),
    false,
  )
})

function textOf(file: string): string {
  return readFileSync(join(source, file), 'utf8')
}

/** What ran in any of the processes and threads that left their notes in the folder: by file, 1 for each character. */
function addReached(reached: Map<string, Uint8Array>, coverage: string): void {
  for (const name of readdirSync(coverage)) {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as Coverage
    for (const { url, functions } of result) {
      const path = url.startsWith('file:') ? fileURLToPath(url) : ''
      if (!path.startsWith(source)) continue
      const file = path.slice(source.length)
      const ran = new Uint8Array(textOf(file).length)
      // An inner range comes after the one that holds it, and says what is true of it.
      const ranges = functions.flatMap((one) => one.ranges)
      ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset)
      for (const { startOffset, endOffset, count } of ranges) {
        ran.fill(count > 0 ? 1 : 0, startOffset, endOffset)
      }
      const before = reached.get(file)
      reached.set(file, before === undefined ? ran : ran.map((one, k) => one | before[k]!))
    }
  }
}

interface Coverage {
  readonly result: readonly {
    readonly url: string
    readonly functions: readonly {
      readonly ranges: readonly { startOffset: number; endOffset: number; count: number }[]
    }[]
  }[]
}

/** As a property, or taken out of an object; names of one word only of what is called config or settings. */
function isRead(
  name: SettingName | string,
  reached: ReadonlyMap<string, Uint8Array>,
  read: (file: string) => string = textOf,
): boolean {
  const owner = /[A-Z]/.test(name) ? '' : '\\b(?:config|settings|reading|given|flags)'
  const property = `${owner}\\.${name}\\b`
  const taken = `[{,]\\s*${name}\\b(?=[^;(){}]*\\}(?: = \\w|[,)]))`
  const pattern = new RegExp(`${property}|${taken}`, 'g')
  for (const [file, ran] of reached) {
    if (notReaders.test(file)) continue
    for (const { index } of read(file).matchAll(pattern)) if (ran[index + 1] === 1) return true
  }
  return false
}
