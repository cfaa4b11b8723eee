// Which test files there are, in which order they run, and which share a process. A process of Node with what a test
// imports takes a third of a second of the processor before its first test, so files share one: many that only compute,
// a few of those that wait for a server of all. What two of them import is there once: a hook of one that closes it
// closes it for both.

import { readdirSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { packageRoot } from '../servers/versions.ts'

export const tests = join(packageRoot, 'dist', 'test')

/** Tests in these folders wait for servers, sessions and processes; all others only compute. */
const waitingFolders = [
  ...['adapters/disk', 'adapters/http', 'adapters/kafka', 'adapters/redis', 'adapters/registry'],
  ...['chaos', 'command', 'deploy', 'docs', 'e2e', 'promises', 'servers'],
]
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
  ...['adapters/redis/positive-store.test.js', 'e2e/stream.test.js', 'deploy/package.test.js'],
  ...['adapters/tfjs/agreement-of-histories.test.js', 'adapters/wasm/engine.test.js'],
  'adapters/tfjs/agreement.test.js',
]
/** They set or measure what belongs to a whole process: flags of V8, its memory, its environment. */
const alone = [
  ...['adapters/wasm/fused.test.js', 'adapters/wasm/memory.test.js', 'consume/fuzz.test.js'],
  ...['adapters/wasm/rank-threads.test.js', 'trainer/loop/release.test.js'],
]
const filesPerProcess = { computing: 8, waiting: 3 }
/** Of those that wait these share: the others take long each, or close at their end what they import. */
const sharingFolders = ['adapters/kafka', 'adapters/redis']

/** What one process runs. */
export interface Part {
  readonly name: string
  readonly files: readonly string[]
}

export interface Plan {
  readonly waiting: readonly Part[]
  readonly computing: readonly Part[]
}

/** @throws Error where a file or folder that is asked for is not there, or one that is named above */
export function planOf(asked: readonly string[]): Plan {
  const files = longestFirst([...new Set(asked.flatMap(testFiles))])
  const isWaiting = (path: string): boolean =>
    waitingFolders.some((folder) => path.startsWith(join(tests, folder, '/')))
  return {
    waiting: waitingParts(files.filter(isWaiting)),
    computing: shared(
      files.filter((path) => !isWaiting(path)),
      filesPerProcess.computing,
    ),
  }
}

/** Those that take long by themselves first, in their order. */
function waitingParts(files: readonly string[]): Part[] {
  const first = new Set(longest.map((name) => join(tests, name)))
  const folders = new Map<string, string[]>()
  const parts: Part[] = []
  for (const path of files) {
    const [top = '', next = ''] = relative(tests, path).split(sep)
    const folder = top === 'adapters' ? `${top}/${next}` : top
    if (first.has(path) || !sharingFolders.includes(folder)) parts.push(partOf([path]))
    else folders.set(folder, [...(folders.get(folder) ?? []), path])
  }
  return [...parts, ...[...folders.values()].flatMap((own) => shared(own, filesPerProcess.waiting))]
}

function partOf(files: readonly string[]): Part {
  const names = files.map((path) => relative(tests, path))
  const more = names.length > 1 ? ` to ${names.at(-1)} (${names.length} files)` : ''
  return { name: `${names[0]}${more}`, files }
}

function shared(files: readonly string[], most: number): Part[] {
  const single = new Set([...longest, ...alone].map((name) => join(tests, name)))
  const parts = files.filter((path) => single.has(path)).map((path) => partOf([path]))
  const rest = files.filter((path) => !single.has(path))
  for (let k = 0; k < rest.length; k += most) {
    parts.push(partOf(rest.slice(k, k + most)))
  }
  return parts
}

function longestFirst(all: readonly string[]): string[] {
  const first = longest.map((name) => join(tests, name))
  for (const path of [...first, ...alone.map((name) => join(tests, name))]) statSync(path)
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
