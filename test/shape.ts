// Prints the figures of a checkout's shape, of this one or of another, so that two versions can be put side by side.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readCommandLine } from './runner/command-line.ts'
import { packageRoot } from './servers/versions.ts'
import { longFunctions } from './shape/functions.ts'
import { circles, crowded, readTree } from './shape/tree.ts'
import { wayOfAnEvent } from './shape/way.ts'

const linesMax = 200
const functionLinesMax = 70
const filesMax = 15

const usage = `usage: npm run shape -- [DIR] [--list]
Figures of the shape of the checkout in DIR (this one); --list: the names behind them.`
const { values, positionals } = readCommandLine(usage, {
  allowPositionals: true,
  options: { list: { type: 'boolean', default: false } },
})
const root = resolve(positionals[0] ?? packageRoot)
const tree = readTree(root)
const sizes = tree.files.map((file) => ({ file, lines: tree.textOf(file).split('\n').length - 1 }))
print('files', tree.files.map(String), false)
print(
  `files over ${linesMax} lines`,
  sizes.filter(({ lines }) => lines > linesMax).map(({ file, lines }) => `${file}: ${lines}`),
)
print(
  `functions over ${functionLinesMax} lines`,
  tree.files.flatMap((file) =>
    longFunctions(tree.textOf(file), functionLinesMax).map(
      ({ line, lines, opening }) => `${file}:${line}: ${lines} (${opening})`,
    ),
  ),
)
print(`folders with more than ${filesMax} files`, crowded(tree, filesMax))
print('circles of imports', circles(tree))
if (existsSync(join(root, 'dist', 'src', 'main.js'))) {
  const { event, triplet } = await wayOfAnEvent(root)
  print('files on the way of an event', event)
  print('files on the way of a triplet', triplet)
} else process.stdout.write('the ways of an event and of a triplet: build the checkout first\n')

function print(what: string, found: readonly string[], canList = true): void {
  process.stdout.write(`${String(found.length).padStart(5)}  ${what}\n`)
  if (values.list && canList) for (const one of found) process.stdout.write(`         ${one}\n`)
}
