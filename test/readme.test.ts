// The README says what is so: its settings are those of the program, its npm scripts exist.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { settingsPage } from '../src/command/config.ts'

const root = new URL('../../', import.meta.url)

test('docs/settings.md is what the program prints', () => {
  assert.equal(
    readFileSync(new URL('docs/settings.md', root), 'utf8'),
    settingsPage(),
    'a setting has changed: node dist/src/main.js config --markdown > docs/settings.md',
  )
})

test('every npm script that the documents name exists', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
    scripts: Record<string, string>
  }
  const pages = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'))
  const documents = ['README.md', 'CONTRIBUTING.md', ...pages.map((name) => `docs/${name}`)]
    .map((name) => readFileSync(new URL(name, root), 'utf8'))
    .join('\n')
  const named = [...documents.matchAll(/npm run ([a-z][a-z:]*(?:-[\d.]*\d)?)/g)].map(
    (match) => match[1]!,
  )
  assert.ok(named.length > 0)
  assert.deepEqual(
    named.filter((name) => !(name in scripts)),
    [],
  )
})
