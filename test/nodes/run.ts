// npm run test:nodes: what needs no server, under every line of Node that is promised, and the same bytes from all of
// them. Each Node is a package of the npm registry, fetched once into the cache. Linux on x86-64 or arm64.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWorld } from '../../src/world/world.ts'
import { main } from '../e2e/program.ts'
import { once, runTool, type Workshop } from '../servers/tools.ts'
import { packageRoot } from '../servers/versions.ts'

/** The oldest that package.json allows, and the newest known of each later line. */
const nodeVersions = ['20.19.0', '22.23.3', '24.9.0', '26.9.0'] as const

/** Folders and files of dist/test whose tests start no server: what stands on Node's files, threads and WebAssembly. */
const onNode = [
  ...['adapters/disk', 'adapters/file', 'adapters/memory', 'adapters/thread', 'adapters/wasm'],
  ...['consume', 'remember', 'trainer', 'wire', 'e2e/commands.test.js', 'e2e/file.test.js'],
]
/** What only computes: the lines between the oldest and the newest Node would say what these two say. */
const computing = ['adapters/arrays', 'adapters/tfjs', 'learn', 'rank', 'sample']
const ends: readonly string[] = [nodeVersions[0], nodeVersions.at(-1)!]

async function nodeOf(version: string, shop: Workshop): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`
  const folder = await once(shop, `${name}-${version}`, async (beside) => {
    const install = ['install', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund']
    await runTool('npm', [...install, '--prefix', beside, `${name}@${version}`], { cwd: beside })
  })
  return join(folder, 'node_modules', name, 'bin', 'node')
}

function testsPass(node: string, version: string): boolean {
  const tests = join(packageRoot, 'dist', 'test')
  const names = ends.includes(version) ? [...onNode, ...computing] : onNode
  const files = names.flatMap((name) => {
    if (name.endsWith('.js')) return join(tests, name)
    const found = readdirSync(join(tests, name), { recursive: true, encoding: 'utf8' })
    return found.filter((file) => file.endsWith('.test.js')).map((file) => join(tests, name, file))
  })
  // Nothing waits here, so every core computes; by itself Node leaves one of them idle.
  const atOnce = `--test-concurrency=${availableParallelism()}`
  const args = ['--test', '--test-reporter=dot', '--test-timeout=300000', atOnce, ...files]
  return spawnSync(node, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}

/** Of all that a deterministic run of the default model writes: lists and every file of its checkpoints. */
function bytesOf(node: string, events: string, folder: string): string {
  const [lists, checkpoints] = [join(folder, 'lists.ndjson'), join(folder, 'checkpoints')]
  const run = ['run', '--source', `file:${events}`, '--sink', `file:${lists}`, '--seed', '7']
  const how = ['--checkpoints', checkpoints, '--stop-at-end', '--deterministic']
  const { status, stderr } = spawnSync(node, [main, ...run, ...how], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${node} ended with ${status}: ${stderr}`)
  const hash = createHash('sha256').update(readFileSync(lists))
  const files = readdirSync(checkpoints, { recursive: true, withFileTypes: true })
  const names = files.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
  for (const name of names.sort()) hash.update(name.slice(folder.length)).update(readFileSync(name))
  rmSync(lists)
  rmSync(checkpoints, { recursive: true })
  return hash.digest('hex')
}

const say = (line: string) => void process.stderr.write(`nodes: ${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'neupr-nodes-'))
const events = join(folder, 'events.ndjson')
const world = createWorld({ seed: 3, users: 300, items: 400, events: 6_000, days: 20, topics: 6 })
writeFileSync(events, [...world.interactions()].map((one) => `${JSON.stringify(one)}\n`).join(''))
let [passed, failed] = [0, 0]
let first: string | undefined
for (const version of nodeVersions) {
  const node = await nodeOf(version, { env: process.env, say })
  say(`tests under Node ${version}`)
  const green = testsPass(node, version)
  const bytes = bytesOf(node, events, folder)
  first ??= bytes
  const same = bytes === first
  if (green && same) passed++
  else failed++
  say(`Node ${version}: tests ${green ? 'green' : 'RED'}, bytes ${same ? 'the same' : 'OTHERS'}`)
}
rmSync(folder, { recursive: true })
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
