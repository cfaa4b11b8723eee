// Commands of the documents that need no server, run as they are pasted; and the demo report that the README quotes.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { environment, jsonLines, main, run, temporary, writeWorld } from '../e2e/program.ts'
import { blocks, page, pages, withReal } from './documents.ts'

/** Where a command reaches for something that a laptop does not have running. */
const needsMore = /kafka|topic|redis|docker|kubectl|npm |pip |DATA\//i

const shell = promisify(execFile)

test('blocks of commands that need no server run as pasted', async () => {
  const folder = temporary()
  // The README's user is one of those who have events.
  writeWorld(join(folder, 'events.ndjson'), 1_500)
  const events = readFileSync(join(folder, 'events.ndjson'), 'utf8').replaceAll('"u000"', '"u1"')
  assert.match(events, /"u1"/)
  writeFileSync(join(folder, 'events.ndjson'), events)
  const [order = ''] = blocks(page('docs/input.md'), 'json')
  writeFileSync(join(folder, 'orders.ndjson'), order)
  const pasted = pages()
    .flatMap((one) => blocks(one, 'sh'))
    .filter((block) => !needsMore.test(block))
  assert.ok(pasted.length >= 2)
  for (const block of pasted) {
    const script = withReal(block, { 'dist/bin/main.js': main })
    await shell('sh', ['-ec', script], { cwd: folder, env: environment({}) })
  }
  const { stdout } = await run([
    'export',
    'positives',
    '--checkpoints',
    join(folder, 'orders-state'),
  ])
  assert.deepEqual(jsonLines(stdout), [{ user: '17', items: ['a-1', 'b-2'] }])
})

test("the README's report of the demo is what the demo prints, but for the numbers", async () => {
  const [quoted = ''] = blocks(page('README.md'), 'text')
  const { code, stdout, stderr } = await run(['demo', '--events', '1500', '--effort', 'light'])
  assert.equal(code, 0, stderr)
  const shape = (line: string): string =>
    line
      .replaceAll(/[\d.,]+/g, 'N')
      .replaceAll(/\s+/g, ' ')
      .trim()
  const printed = stdout.split('\n').map(shape)
  const told = quoted
    .split('\n')
    .map(shape)
    .filter((line) => line !== '')
  assert.ok(told.length > 5)
  assert.deepEqual(
    told.filter((line) => !printed.includes(line)),
    [],
  )
})
