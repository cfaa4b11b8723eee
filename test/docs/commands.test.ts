// What the documents tell people to type exists: commands, flags, benchmarks, metrics, exit codes.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Command } from 'commander'
import { createProgram } from '../../src/command/program.ts'
import type { Io } from '../../src/io.ts'
import { deadLetterReasons } from '../../src/types.ts'
import { aclRules } from '../adapters/redis/acl.ts'
import { benchNames } from '../bench/usage.ts'
import { createLively } from '../deploy/lively.ts'
import { packageRoot } from '../servers/versions.ts'
import { page, pages } from './documents.ts'

/** The changelog tells of what was, not of what is. */
const current = pages().filter(({ path }) => path !== 'CHANGELOG.md')

test('every benchmark that the documents name exists', () => {
  const named = current.flatMap(({ text }) =>
    [...text.matchAll(/npm run bench -- ([a-z ]+?)(?: --|`| \||\n)/g)].flatMap(([, names = '']) =>
      names.trim().split(' '),
    ),
  )
  assert.ok(named.length > 10)
  const known: readonly string[] = benchNames
  assert.deepEqual(
    named.filter((name) => !known.includes(name)),
    [],
  )
})

const withSubcommands = ['topics', 'dlq', 'export']

/** `COMMAND [SUBCOMMAND]` and the flags behind it, wherever a document writes a command of the program. */
function typed(text: string): { command: string; flags: string[] }[] {
  const lines = text.replaceAll(/\\\n/g, ' ').replaceAll(/neupr-worker\n/g, 'neupr-worker ')
  const starts =
    /(?:neupr-worker|node dist\/src\/main\.js|npm run demo --) ((?:[a-z]|--)[^`|#\n]*)/g
  return [...lines.matchAll(starts)].map(([whole, rest = '']) => {
    const words = (whole.startsWith('npm') ? `demo ${rest}` : rest).trim().split(/\s+/)
    const [command = '', sub = ''] = words
    const name =
      withSubcommands.includes(command) && /^[a-z]/.test(sub) ? `${command} ${sub}` : command
    return { command: name, flags: words.filter((word) => /^--[a-z]/.test(word)) }
  })
}

const io: Io = {
  ...{ env: {}, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  ...{ nowMs: () => 0, elapsedMs: () => 0, processorMs: () => 0, pause: async () => undefined },
  stop: new AbortController().signal,
}
const logger = {
  ...{ debug: fail, info: fail, warn: fail, error: fail, fatal: fail, repeated: fail, child: fail },
}
const withLogger = { ...io, logger, exit: fail }
/** Nothing of it is run. */
const program = await createProgram({ io, loggerFor: () => logger, withLogger })

function fail(): never {
  throw new Error('a command was run')
}

/** A command as --help lists it; undefined where there is none. */
function commandOf(words: string): Command | undefined {
  let found: Command | undefined = program
  for (const word of words.split(' ')) {
    found = found?.commands.find((one) => one.name() === word)
  }
  return found
}

/** All flags of a command, also those that only --help-all shows. */
function flagsOf(command: Command): string[] {
  return [...command.options.flatMap(({ long }) => long ?? []), '--help', '--help-all']
}

test('every command of the program that the documents name exists, with the flags they give it', () => {
  const missing: string[] = []
  let commands = 0
  for (const { path, text } of current) {
    for (const { command, flags } of typed(text)) {
      if (!/^[a-z]/.test(command) || /^[A-Z]/.test(command)) continue
      const found = commandOf(command)
      // Prose may go on behind the name: «neupr-worker answers …» is no command.
      if (found === undefined) missing.push(`${path}: ${command}`)
      else commands++
      const known = found === undefined ? flags : flagsOf(found)
      for (const flag of flags) {
        if (!known.includes(flag)) missing.push(`${path}: ${command} ${flag}`)
      }
    }
  }
  assert.ok(commands > 20, `${commands} commands`)
  assert.deepEqual(missing, [])
})

test('every flag that stands alone in a document is one of some command', () => {
  const flags = new Set(program.commands.flatMap((one) => [one, ...one.commands].flatMap(flagsOf)))
  const ofOthers = [
    ...['--omit', '--target', '--build-arg', '--env', '--build', '--kafka', '--svg'],
    ...['--max-old-space-size', '--apart', '--joins', '--sizes'],
  ]
  const unknown = current.flatMap(({ path, text }) =>
    [...text.matchAll(/(?<![\w-])--[a-z][a-z0-9-]+/g)]
      .map(([flag]) => flag)
      .filter((flag) => !ofOthers.includes(flag) && !flags.has(flag))
      .map((flag) => `${path}: ${flag}`),
  )
  assert.deepEqual([...new Set(unknown)], [])
})

test('every metric that the documents name is one of the worker', () => {
  const { registry } = createLively(() => 1e6)
  const known = new Set(registry.getMetricsAsArray().map(({ name }) => name))
  const named = current.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:neupr|nodejs)_[a-z0-9_]+)/g)].map(([, name = '']) => [path, name]),
  )
  assert.ok(named.length > 10)
  assert.deepEqual(
    named.filter(([, name = '']) => !known.has(name)),
    [],
  )
})

test('every reason of a dead letter and every code of a failure is explained', () => {
  const { text } = page('docs/troubleshooting.md')
  assert.deepEqual(
    deadLetterReasons.filter((reason) => !text.includes(`\`${reason}\``)),
    [],
  )
  const errors = readFileSync(join(packageRoot, 'src', 'errors.ts'), 'utf8')
  const codes = [...errors.matchAll(/exitCode: (\d+)/g)].map(([, code = '']) => code)
  assert.deepEqual(
    codes.filter((code) => !text.includes(`| ${code} |`)),
    [],
  )
})

test('the rights that a Redis user needs are those that the tests run with', () => {
  const line = aclRules('neupr:').join(' ')
  assert.ok(page('docs/operations.md').text.includes(`on >PASSWORD ${line}\n`), line)
})
