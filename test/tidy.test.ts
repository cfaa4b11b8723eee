// Holds the shape of the code: who may import whom, sizes, banned words, files that nothing uses.
// Reading MAY_IMPORT from top to bottom is reading the way of one event.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = findRoot(dirname(fileURLToPath(import.meta.url)))

const words = ['types', 'errors', 'messages', 'settings', 'config']
const MAY_IMPORT: Record<string, readonly string[]> = {
  types: [],
  errors: [],
  messages: ['types'],
  settings: [],
  config: ['errors', 'settings'],
  metrics: ['types', 'messages', 'settings', 'ports'],
  ports: ['types', 'errors', 'messages', 'ports'],
  wire: ['types'],
  consume: [...words, 'ports', 'wire'],
  remember: [...words, 'ports'],
  sample: [...words, 'ports', 'remember/positives'],
  learn: [...words, 'ports', 'sample/random'],
  rank: [...words, 'ports', 'learn'],
  publish: [...words, 'ports', 'metrics', 'wire'],
  measure: [...words, 'ports', 'remember/positives', 'sample', 'learn/part'],
  paper: [...words, 'ports', 'remember/positives', 'sample', 'learn', 'rank'],
  adapters: [...words, 'ports', 'metrics', 'wire'],
  trainer: [...words, 'ports', 'remember', 'sample', 'learn', 'rank', 'measure', 'paper'],
  app: [...words, 'ports', 'metrics', 'consume', 'remember', 'publish'],
  monitor: ['*'],
  worker: ['*'],
  world: [...words, 'ports', 'sample'],
  lab: [
    ...words,
    'ports',
    'remember',
    'sample',
    'learn',
    'rank',
    'measure',
    'paper',
    'trainer',
    'world',
  ],
  command: ['*'],
  thread: ['*'],
  main: ['*'],
}
/** Adapters may lean on the stage that defines what they exchange, and on each other's technology folder. */
const MAY_ALSO: Record<string, readonly string[]> = {
  'adapters/arrays': ['learn'],
  'adapters/tfjs': ['learn'],
  'adapters/wasm': ['learn', 'kernel/constants', 'kernel/globals', 'kernel/draws/globals'],
  'adapters/thread': ['trainer'],
  'adapters/file': ['consume'],
  'adapters/kafka': ['consume'],
  trainer: ['trainer'],
}

const LINES_MAX = 220
const COLUMNS_MAX = 120
const BANNED = [
  { pattern: /Math\.random\(/, why: 'randomness is handed in', where: 'src' },
  { pattern: /\b(TODO|FIXME|XXX)\b/, why: 'finish it or write an issue', where: '' },
  { pattern: /catch\s*(\([^)]*\))?\s*\{\s*\}/, why: 'a swallowed error', where: '' },
  { pattern: /\.(only|skip)\(/, why: 'a test that does not run', where: 'test' },
  { pattern: /export default/, why: 'names, not defaults', where: '' },
  { pattern: /\benum\s+\w+\s*\{/, why: 'unions, not enums', where: '' },
]
const DRAWERS = ['utils', 'util', 'common', 'helpers', 'misc', 'shared', 'lib']

const files = ['src', 'test'].flatMap((folder) => walk(join(root, folder)))

test('imports follow the table', () => {
  const faults: string[] = []
  for (const file of files.filter((path) => path.startsWith('src/'))) {
    const from = area(file)
    for (const target of importsOf(file)) {
      const to = area(target)
      if (from === to || allowed(from, file, target)) continue
      faults.push(`${file} may not import ${target}`)
    }
  }
  assert.deepEqual(faults, [])
})

test('no file imports itself in a circle', () => {
  const state = new Map<string, 'open' | 'done'>()
  const circles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      return
    }
    state.set(file, 'open')
    for (const target of importsOf(file)) visit(target, [...path, file])
    state.set(file, 'done')
  }
  for (const file of files) visit(file, [])
  assert.deepEqual(circles, [])
})

test('files and lines are short, names say what is inside', () => {
  const faults: string[] = []
  for (const file of files) {
    const lines = textOf(file).split('\n')
    if (lines.length - 1 > LINES_MAX) faults.push(`${file} has ${lines.length - 1} lines`)
    lines.forEach((line, index) => {
      if (line.length > COLUMNS_MAX) faults.push(`${file}:${index + 1} has ${line.length} columns`)
    })
    if (!/^\/\/|^#!/.test(lines[0] ?? '')) faults.push(`${file} does not open with what it is for`)
    for (const part of file.replace(/\.ts$/, '').split('/')) {
      if (DRAWERS.includes(part)) faults.push(`${file}: a drawer is no name`)
    }
  }
  assert.deepEqual(faults, [])
})

test('no banned construction', () => {
  const faults: string[] = []
  for (const file of files) {
    if (file === 'test/tidy.test.ts') continue
    for (const { pattern, why, where } of BANNED) {
      if (file.startsWith(where) && pattern.test(textOf(file))) faults.push(`${file}: ${why}`)
    }
  }
  assert.deepEqual(faults, [])
})

test('every source file is reached from an entry or a test', () => {
  const seen = new Set<string>()
  const entries = ['src/main.ts', 'src/thread.ts', 'src/adapters/wasm/pool-thread.ts'].filter(
    (path) => existsSync(join(root, path)),
  )
  const queue = [...entries, ...files.filter((path) => path.startsWith('test/'))]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    queue.push(...importsOf(file))
  }
  assert.deepEqual(
    files.filter((path) => !seen.has(path) && !path.endsWith('.d.ts')),
    [],
  )
})

function allowed(from: string, file: string, target: string): boolean {
  const prefixes = [...(MAY_IMPORT[from] ?? [])]
  for (const [folder, more] of Object.entries(MAY_ALSO)) {
    if (file.startsWith(`src/${folder}`)) prefixes.push(...more)
  }
  if (prefixes.includes('*')) return true
  const path = target.replace(/^src\//, '').replace(/\.ts$/, '')
  return prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))
}

/** The first folder below src, or the file's own name: src/learn/fusion.ts → learn, src/app.ts → app. */
function area(file: string): string {
  const [, first = ''] = file.split('/')
  return first.replace(/\.ts$/, '')
}

function importsOf(file: string): string[] {
  const found: string[] = []
  const text = textOf(file)
  for (const match of text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)) {
    found.push(normalize(join(dirname(file), match[1] ?? '')))
  }
  for (const match of text.matchAll(/new URL\('(\.{1,2}\/[^']+)\.js'/g)) {
    const path = normalize(join(dirname(file), `${match[1]}.ts`))
    if (existsSync(join(root, path))) found.push(path)
  }
  return found
}

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function walk(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('src/kernel/'))
    .sort()
}

function findRoot(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : findRoot(dirname(from))
}
