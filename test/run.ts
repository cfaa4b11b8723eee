// Runs test files against real servers: starts them, hands their addresses on, stops them.
//   node dist/test/run.js [--kafka 4.4.0|3.9.2] [file or folder …]     without any: every test but tidy

import { readdirSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { startServers } from './servers/server-set.ts'
import { packageRoot } from './servers/versions.ts'

/** For one test file: a hang fails, it does not stand still. */
const testMsMax = 300_000
/**
 * Most files wait for servers, sessions and processes, so more of them run at once than there are cores; node --test
 * alone would run one after the other on two cores.
 */
const filesAtOnce = availableParallelism() + 2
/** The longest, which begin first: else the last of them runs alone at the end. One that is gone is an error. */
const longest = [
  'chaos/chaos.test.js',
  'e2e/starting.test.js',
  'promises/settings-read.test.js',
  'deploy/image.test.js',
  'e2e/file-kills.test.js',
  'adapters/tfjs/agreement-of-histories.test.js',
  'adapters/wasm/engine.test.js',
  'adapters/tfjs/agreement.test.js',
  'adapters/kafka/late-writes.test.js',
  'adapters/redis/positive-store.test.js',
  'adapters/kafka/outage.test.js',
  'e2e/stream.test.js',
  'e2e/file.test.js',
]
/** As many of the slowest are named at the end. */
const slowestShown = 8

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kafka: { type: 'string' } },
})
const tests = join(packageRoot, 'dist', 'test')
const asked = positionals.length > 0 ? positionals : [tests]
const files = longestFirst([...new Set(asked.flatMap(testFiles))])

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
const env = { ...process.env, ...(values.kafka && { TEST_KAFKA_VERSION: values.kafka }) }
const servers = await startServers({ env, say: (line) => say(`servers: ${line}`) })
// The test files are processes of their own, which inherit this environment.
Object.assign(process.env, env, servers.env)
process.exitCode = (await allPass()) ? 0 : 1
await servers.stop()

async function allPass(): Promise<boolean> {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const seconds = new Map<string, number>()
  let failed = 0
  const options = { files, concurrency: filesAtOnce, timeout: testMsMax, signal: stop.signal }
  const events = run(options)
  events.on('test:fail', () => {
    failed++
  })
  for (const kind of ['test:pass', 'test:fail'] as const) {
    events.on(kind, ({ nesting, file, details }) => {
      if (nesting > 0 || file === undefined) return
      seconds.set(file, (seconds.get(file) ?? 0) + details.duration_ms / 1000)
    })
  }
  for await (const text of events.compose(new spec())) process.stdout.write(text)
  const slowest = [...seconds].sort((a, b) => b[1] - a[1]).slice(0, slowestShown)
  for (const [file, spent] of slowest) say(`${spent.toFixed(1)} s in ${relative(tests, file)}`)
  return failed === 0 && !stop.signal.aborted
}

/** @throws Error when one of the longest is no longer there: the list would be out of date */
function longestFirst(all: readonly string[]): string[] {
  const first = longest.map((name) => join(tests, name))
  for (const path of first) statSync(path)
  const rank = (path: string) => (first.includes(path) ? first.indexOf(path) : first.length)
  return [...all].sort((a, b) => rank(a) - rank(b))
}

/** A file as it is, a folder as the tests in it. @throws Error where there is none: no test is no success. */
function testFiles(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new Error(`${path} does not exist`)
  if (!found.isDirectory()) return [resolve(path)]
  const inside = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js') && name !== 'tidy.test.js')
    .map((name) => resolve(path, name))
    .sort()
  if (inside.length === 0) throw new Error(`${path} holds no *.test.js`)
  return inside
}
