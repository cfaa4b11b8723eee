// Runs test files, those that need them against real servers: starts them, hands their addresses on, stops them.
//   node dist/test/run.js [--kafka 4.4.0|3.9.2] [file or folder …]     without any: every test but tidy

import { readdirSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { startServers } from './servers/server-set.ts'
import { packageRoot } from './servers/versions.ts'

/** For one test file: a hang fails, it does not stand still. */
const testMsMax = 300_000
/** Tests in these folders wait for servers, sessions and processes; all others only compute. */
const waitingFolders = [
  ...['adapters/disk', 'adapters/http', 'adapters/kafka', 'adapters/redis', 'adapters/registry'],
  ...['chaos', 'command', 'deploy', 'docs', 'e2e', 'promises', 'servers'],
]
/** More files that wait run at once than there are cores, and beside them, so that no core rests, some that compute. */
const waitingAtOnce = availableParallelism() + 2
const computingAtOnce = Math.max(1, availableParallelism() - 1)
/** One in this many files that compute is left until no file waits any more: then all cores are free for them. */
const oneLaterOf = 3
/** The longest of each kind, which begin first: else the last runs alone at the end. One that is gone is an error. */
const longest = [
  ...['chaos/chaos.test.js', 'chaos/shared-log.test.js', 'e2e/file-kills.test.js'],
  ...[
    'deploy/image.test.js',
    'promises/settings-read.test.js',
    'e2e/stopping.test.js',
    'adapters/kafka/outage.test.js',
  ],
  ...['e2e/starting.test.js', 'adapters/kafka/late-writes.test.js', 'e2e/rebuild.test.js'],
  ...['adapters/redis/positive-store.test.js', 'e2e/stream.test.js', 'e2e/file.test.js'],
  ...['adapters/tfjs/agreement-of-histories.test.js', 'adapters/wasm/engine.test.js'],
  'adapters/tfjs/agreement.test.js',
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

const isWaiting = (path: string): boolean =>
  waitingFolders.some((folder) => path.startsWith(join(tests, folder, '/')))

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
const env = { ...process.env, ...(values.kafka && { TEST_KAFKA_VERSION: values.kafka }) }
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
const report = new spec()
report.pipe(process.stdout)
const seconds = new Map<string, number>()
/** What Node says at the end of each part: tests, passed, failed and so on. */
const totals = new Map<string, number>()

const computing = files.filter((path) => !isWaiting(path))
const isLater = (_: string, k: number): boolean => k % oneLaterOf === oneLaterOf - 1
const parts = await Promise.all([
  play(
    computing.filter((path, k) => !isLater(path, k)),
    computingAtOnce,
  ),
  withServers(files.filter(isWaiting)).then(async (passed) => {
    return (await play(computing.filter(isLater), computingAtOnce)) && passed
  }),
])
for (const [name, total] of totals) {
  report.write({ type: 'test:diagnostic', data: { nesting: 0, message: `${name} ${total}` } })
}
report.end()
await finished(report)
const slowest = [...seconds].sort((a, b) => b[1] - a[1]).slice(0, slowestShown)
for (const [file, spent] of slowest) say(`${spent.toFixed(1)} s in ${relative(tests, file)}`)
process.exitCode = parts.every((passed) => passed) && !stop.signal.aborted ? 0 : 1

async function withServers(some: string[]): Promise<boolean> {
  if (some.length === 0) return true
  const servers = await startServers({ env, say: (line) => say(`servers: ${line}`), isBrief: true })
  // The test files are processes of their own, which inherit this environment.
  Object.assign(process.env, env, servers.env)
  try {
    return await play(some, waitingAtOnce)
  } finally {
    await servers.stop()
  }
}

/** Whether all of the files pass. */
async function play(some: string[], concurrency: number): Promise<boolean> {
  if (some.length === 0) return true
  let passed = true
  // Told a whole test at a time, because the other part tells its own meanwhile.
  let untold: TestEvent[] = []
  for await (const event of run({
    ...{ files: some, concurrency, timeout: testMsMax, signal: stop.signal },
  }) as AsyncIterable<TestEvent>) {
    const { type, data } = event
    const [, name, count] = /^(\w+) ([\d.]+)$/.exec(data.message ?? '') ?? []
    if (type === 'test:diagnostic' && data.nesting === 0 && name !== undefined) {
      const known = totals.get(name) ?? 0
      totals.set(
        name,
        name === 'duration_ms' ? Math.max(known, Number(count)) : known + Number(count),
      )
      continue
    }
    untold.push(event)
    if (type === 'test:fail') passed = false
    if (data.nesting > 0 || (type !== 'test:pass' && type !== 'test:fail')) continue
    const { file = '', details } = data
    seconds.set(file, (seconds.get(file) ?? 0) + (details?.duration_ms ?? 0) / 1000)
    for (const one of untold) report.write(one)
    untold = []
  }
  for (const one of untold) report.write(one)
  return passed
}

/** What is read of an event of the test runner. */
interface TestEvent {
  readonly type: string
  readonly data: {
    readonly nesting: number
    readonly file?: string
    readonly message?: string
    readonly details?: { readonly duration_ms: number }
  }
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
