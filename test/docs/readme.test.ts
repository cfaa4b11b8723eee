// The quick half of what holds the documents to the truth: settings, npm scripts, links, the README's length. What has
// to start programs stands beside it.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { settingsPage } from '../../src/command/config.ts'
import { packageRoot } from '../servers/versions.ts'
import { anchorsOf, linksOf, page, pages } from './documents.ts'
import { metricsPage } from './metrics-page.ts'

const readmeBytesMax = 10_000

test('docs/settings.md is what the program prints', () => {
  assert.equal(
    page('docs/settings.md').text,
    settingsPage(),
    'a setting has changed: node dist/bin/main.js config --markdown > docs/settings.md',
  )
})

test('docs/metrics.md is what the metrics say of themselves', () => {
  assert.equal(
    page('docs/metrics.md').text,
    metricsPage(),
    'a metric has changed: node dist/test/docs/metrics-page.js > docs/metrics.md',
  )
})

test('the README is read in five minutes', () => {
  const { length } = readFileSync(join(packageRoot, 'README.md'))
  assert.ok(length <= readmeBytesMax, `${length} bytes: move something to docs/`)
})

test("the README's quality figures are those of the benchmarks", () => {
  const cells = ({ text }: { text: string }) =>
    [...text.matchAll(/\| \**\.\d{3} \/ \.\d{3}.*\|$/gm)].map(([row]) => row)
  const measured = new Set(cells(page('docs/benchmarks.md')))
  const quoted = cells(page('README.md'))
  assert.equal(quoted.length, 4)
  assert.deepEqual(
    quoted.filter((row) => !measured.has(row)),
    [],
  )
})

test("the README's speed figures are in the benchmarks", () => {
  const rows = [...page('README.md').text.matchAll(/^\| [^|]*\| ([^|]*\d ms[^|]*)\|$/gm)]
  const figures = rows.flatMap(([, cell = '']) => cell.match(/\d+(?:\.\d+)?/g) ?? [])
  assert.ok(figures.length >= 5, `${figures}`)
  const { text } = page('docs/benchmarks.md')
  assert.deepEqual(
    figures.filter((figure) => !new RegExp(`(?<![\\d.])${figure}(?!\\d|\\.\\d)`).test(text)),
    [],
  )
})

test('every npm script that the documents name exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const named = pages()
    .filter(({ path }) => path !== 'CHANGELOG.md')
    .flatMap(({ path, text }) =>
      [...text.matchAll(/npm run ([a-z][a-z:]*(?:-[\d.]*\d)?)/g)].map(([, name = '']) => [
        path,
        name,
      ]),
    )
  assert.ok(named.length > 20)
  assert.deepEqual(
    named.filter(([, name = '']) => !(name in scripts)),
    [],
  )
})

test('every relative link of the documents leads to a file and, where it names one, to a heading', () => {
  const dead: string[] = []
  let links = 0
  for (const page of pages()) {
    for (const { path, anchor } of linksOf(page)) {
      links++
      const file = path === '' ? page.path : normalize(join(dirname(page.path), path))
      const told = `${page.path}: ${path}${anchor === '' ? '' : `#${anchor}`}`
      if (!existsSync(join(packageRoot, file))) dead.push(told)
      else if (anchor !== '') {
        const target = readFileSync(join(packageRoot, file), 'utf8')
        if (!anchorsOf(target).includes(anchor)) dead.push(told)
      }
    }
  }
  assert.ok(links > 50, `${links} links`)
  assert.deepEqual(dead, [])
})

test('every page of docs/ is named in the README', () => {
  const [readme, ...others] = pages().sort((a) => (a.path === 'README.md' ? -1 : 1))
  assert.ok(readme !== undefined)
  const linked = linksOf(readme).map(({ path }) => normalize(path))
  const docs = others.map(({ path }) => path).filter((path) => path.startsWith('docs/'))
  assert.deepEqual(
    docs.filter((path) => !linked.includes(path)),
    [],
  )
})

test('anchors are those of GitHub', () => {
  const text = '# One, two: `three`!\n\n## Same\n\n## Same\n\n```\n# no heading\n```\n'
  assert.deepEqual(anchorsOf(text), ['one-two-three', 'same', 'same-1'])
})
