// What the documents tell people to type exists: commands, flags, benchmarks, metrics, exit codes.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { deadLetterReasons } from '../../src/types.ts'
import { aclRules } from '../adapters/redis/acl.ts'
import { createLively } from '../deploy/lively.ts'
import { run } from '../e2e/program.ts'
import { packageRoot } from '../servers/versions.ts'
import { page, pages } from './documents.ts'

/** The changelog tells of what was, not of what is. */
const current = pages().filter(({ path }) => path !== 'CHANGELOG.md')

test('every benchmark that the documents name exists', () => {
  const source = readFileSync(join(packageRoot, 'test', 'bench', 'run.ts'), 'utf8')
  const named = current.flatMap(({ text }) =>
    [...text.matchAll(/npm run bench -- ([a-z ]+?)(?: --|`| \||\n)/g)].flatMap(([, names = '']) =>
      names.trim().split(' '),
    ),
  )
  assert.ok(named.length > 10)
  assert.deepEqual(
    named.filter((name) => !new RegExp(`\\b${name}\\b`).test(source)),
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

const helps = new Map<string, string>()
async function helpOf(command: string): Promise<string> {
  const known = helps.get(command)
  if (known !== undefined) return known
  const words = command === '' ? [] : command.split(' ')
  const all = await run([...words, '--help-all'])
  const { stdout, stderr, code } = all.code === 0 ? all : await run([...words, '--help'])
  assert.equal(code, 0, `${command}: ${stderr}`)
  helps.set(command, stdout)
  return stdout
}

test('every command of the program that the documents name exists, with the flags they give it', async () => {
  const main = await helpOf('')
  const missing: string[] = []
  let commands = 0
  for (const { path, text } of current) {
    for (const { command, flags } of typed(text)) {
      if (!/^[a-z]/.test(command) || /^[A-Z]/.test(command)) continue
      const [first = ''] = command.split(' ')
      // Prose may go on behind the name: «neupr-worker answers …» is no command.
      if (!new RegExp(`^ {2}${first}\\b`, 'm').test(main)) {
        missing.push(`${path}: ${command}`)
        continue
      }
      commands++
      const help = flags.length === 0 ? '' : await helpOf(command)
      for (const flag of flags) {
        if (!new RegExp(`${flag}\\b`).test(help)) missing.push(`${path}: ${command} ${flag}`)
      }
    }
  }
  assert.ok(commands > 20, `${commands} commands`)
  assert.deepEqual(missing, [])
})

test('every flag that stands alone in a document is one of some command', async () => {
  const commands = [
    'run',
    'rebuild',
    'pretrain',
    'prequential',
    'evaluate',
    'config',
    'produce',
    'preview',
    'inspect',
    'size',
    'dlq list',
    'export vectors',
    'study',
  ]
  const known = (await Promise.all(commands.map(helpOf))).join('\n')
  const others = [
    '--omit',
    '--target',
    '--build-arg',
    '--env',
    '--build',
    '--kafka',
    '--svg',
    '--help-all',
  ]
  const unknown = current.flatMap(({ path, text }) =>
    [...text.matchAll(/(?<![\w-])--[a-z][a-z0-9-]+/g)]
      .map(([flag]) => flag)
      .filter((flag) => !others.includes(flag) && !new RegExp(`${flag}\\b`).test(known))
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
