// The README says what is so: its settings are those of the program, its npm scripts exist.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { settingsTable } from '../src/command/config.ts'

const root = new URL('../../', import.meta.url)
const readme = readFileSync(new URL('README.md', root), 'utf8')

test('the table of settings is the one that the program prints', () => {
  const table = /<!-- settings -->\n\n?([\s\S]*?)\n?<!-- \/settings -->/.exec(readme)?.[1]?.trim()
  assert.equal(
    table,
    settingsTable(),
    'put the output of `node dist/src/main.js config --markdown` between the two marks',
  )
})

test('every npm script that the documents name exists', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
    scripts: Record<string, string>
  }
  const documents = [readme, readFileSync(new URL('CONTRIBUTING.md', root), 'utf8')].join('\n')
  const named = [...documents.matchAll(/npm run ([a-z][a-z:]*(?:-[\d.]*\d)?)/g)].map(
    (match) => match[1]!,
  )
  assert.ok(named.length > 0)
  assert.deepEqual(
    named.filter((name) => !(name in scripts)),
    [],
  )
})
