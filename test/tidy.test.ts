// Holds the shape of the code: who may import whom (shape/imports.ts), sizes, banned words, files that nothing uses.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packageRoot } from './servers/versions.ts'
import {
  circlesStill,
  crowdedOnPurpose,
  crowdedStill,
  functionLinesStill,
  kernelColumnsMax,
  longFunctionsStill,
  longStill,
  unreachedStill,
} from './shape/exceptions.ts'
import { longFunctions } from './shape/functions.ts'
import { area, isUnder, MAY_IMPORT, mayImport, moduleOf, words } from './shape/imports.ts'
import { circles, crowded, reached, readTree } from './shape/tree.ts'

const LINES_MAX = 220
const COLUMNS_MAX = 120
const FUNCTION_LINES_MAX = 70
const FOLDER_FILES_MAX = 15
const BANNED = [
  { pattern: /Math\.random\(/, why: 'randomness is handed in', where: 'src' },
  { pattern: /\b(TODO|FIXME|XXX)\b/, why: 'finish it or write an issue', where: '' },
  { pattern: /catch\s*(\([^)]*\))?\s*\{\s*\}/, why: 'a swallowed error', where: '' },
  { pattern: /\.(only|skip)\(/, why: 'a test that does not run', where: 'test' },
  { pattern: /export default/, why: 'names, not defaults', where: '' },
  { pattern: /\benum\s+\w+\s*\{/, why: 'unions, not enums', where: '' },
]
const DRAWERS = ['utils', 'util', 'common', 'helpers', 'misc', 'shared', 'lib']

/** What runs: the program, its threads, and the modules of WebAssembly. */
const ENTRIES = [
  ...['src/main.ts', 'src/thread.ts', 'src/adapters/wasm/threads/pool-thread.ts'],
  ...['src/kernel/index.ts', 'src/kernel/draws/index.ts', 'src/kernel/sequence/index.ts'],
  ...[
    'src/kernel/hidden/index.ts',
    'src/kernel/scan/index.ts',
    'src/adapters/wasm/threads/rank-thread.ts',
  ],
]

const tree = readTree(packageRoot)
const { files, textOf, importsOf } = tree

test('imports follow the table', () => {
  const faults: string[] = []
  for (const file of files.filter((path) => /^src\/(?!kernel\/)/.test(path))) {
    const from = area(file)
    for (const target of importsOf(file)) {
      const to = area(target)
      if (from === to || mayImport(file, target)) continue
      faults.push(`${file} may not import ${target}`)
    }
  }
  assert.deepEqual(faults, [])
})

test('the table is in reading order, and no entry is idle', () => {
  const rows = Object.keys(MAY_IMPORT)
  const faults: string[] = []
  const used = new Map<string, string[]>()
  for (const file of files.filter((path) => /^src\/(?!kernel\/)/.test(path))) {
    const from = area(file)
    for (const target of importsOf(file).filter((path) => area(path) !== from)) {
      used.set(from, [...(used.get(from) ?? []), moduleOf(target)])
      // The thread's entry is started, not imported.
      const isBelow = rows.indexOf(area(target)) > rows.indexOf(from)
      if (isBelow && target !== 'src/thread.ts') {
        faults.push(`${file} imports ${target}, which stands below it`)
      }
    }
  }
  for (const [from, prefixes] of Object.entries(MAY_IMPORT)) {
    const own = prefixes.filter((prefix) => prefix !== '*' && !words.includes(prefix))
    const idle = own.filter((prefix) => !used.get(from)?.some((one) => isUnder(one, prefix)))
    faults.push(...idle.map((prefix) => `${from} does not import ${prefix}`))
  }
  assert.deepEqual(faults, [])
})

test('no file imports itself in a circle', () => {
  const found = circles(tree).filter((circle) => !circlesStill.includes(circle))
  assert.deepEqual(found, [])
})

test('files and lines are short, names say what is inside', () => {
  const faults: string[] = []
  for (const file of files) {
    const lines = textOf(file).split('\n')
    const columnsMax = file.startsWith('src/kernel/') ? kernelColumnsMax : COLUMNS_MAX
    if (lines.length - 1 > Math.max(LINES_MAX, longStill[file] ?? 0))
      faults.push(`${file} has ${lines.length - 1} lines`)
    lines.forEach((line, index) => {
      if (line.length > columnsMax) faults.push(`${file}:${index + 1} has ${line.length} columns`)
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

test('functions are short', () => {
  const faults: string[] = []
  for (const file of files) {
    const most = Math.max(FUNCTION_LINES_MAX, longFunctionsStill[file] ?? functionLinesStill)
    for (const { line, lines, opening } of longFunctions(textOf(file), most)) {
      faults.push(`${file}:${line} has ${lines} lines: ${opening}`)
    }
  }
  assert.deepEqual(faults, [])
})

test('folders are small enough to be read', () => {
  const faults = crowded(tree, FOLDER_FILES_MAX).filter((found) => {
    const folder = found.replace(/:.*/, '')
    return crowdedOnPurpose[folder] === undefined && !crowdedStill.includes(folder)
  })
  assert.deepEqual(faults, [])
})

test('every source file is reached from what runs, not from tests alone', () => {
  const seen = reached(tree, ENTRIES)
  const sources = files.filter((path) => path.startsWith('src/') && !path.endsWith('.d.ts'))
  assert.deepEqual(
    sources.filter((path) => !seen.has(path) && !unreachedStill.includes(path)),
    [],
  )
})
