// What a developer's program says of its flags, and to a wrong one.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { benchNames, readersOf, unreadFlag } from '../bench/usage.ts'
import { packageRoot } from '../servers/versions.ts'

function called(program: string, ...args: string[]) {
  const path = join(packageRoot, 'dist', 'test', program, 'run.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

test('--help names every bench and its flags', () => {
  const { status, stdout, stderr } = called('bench', 'live', '--help')
  assert.equal(status, 0)
  assert.equal(stderr, '')
  for (const name of benchNames) assert.match(stdout, new RegExp(`^  ${name} `, 'm'))
  assert.match(stdout, /^ {2}live .*\n +\[--data FILE\] \[--events N\]$/m)
})

test('a flag or a number that is none is told in one line', () => {
  const help = '; --help says what there is\n'
  for (const [args, told] of [
    [['--seads', '3'], "Unknown option '--seads'"],
    [['--seeds', '3.5'], '--seeds needs a whole number of at least 1; got 3.5'],
    [['--seeds'], "Option '--seeds <value>' argument missing"],
  ] as const) {
    assert.deepEqual(called('simulate', ...args), {
      ...{ status: 2, stdout: '', stderr: `${told}${help}` },
    })
  }
})

test('a flag that no bench of the call reads is found, with those that do', () => {
  assert.equal(unreadFlag(['live', 'kills'], ['data', 'kills', 'json']), undefined)
  assert.equal(unreadFlag(['live'], ['data', 'kills']), 'kills')
  assert.deepEqual(readersOf('kills'), ['start', 'kills'])
})
