// docs/python.md reads a checkpoint of the worker as it says: other eyes than ours on the files.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Interaction } from '../../src/types.ts'
import { jsonLines, run, setsAfter, temporary, writeWorld } from '../e2e/program.ts'
import type { Workshop } from '../servers/tools.ts'
import { snippet, withReal } from './documents.ts'
import { pythonWithPackages } from './python.ts'

const shop: Workshop = { env: process.env, say: (line) => process.stderr.write(`${line}\n`) }

const found = await pythonWithPackages(shop)

test('Python finds ids, vectors and positives in a checkpoint', { skip: found.skip }, async () => {
  assert.ok(found.skip === false)
  const folder = temporary()
  const events = writeWorld(join(folder, 'events.ndjson'), 1_500)
  const state = join(folder, 'state')
  const files = ['--data', join(folder, 'events.ndjson'), '--checkpoints', state]
  const pretrained = await run(['pretrain', ...files, '--effort', 'light'])
  assert.equal(pretrained.code, 0, pretrained.stderr)
  const exported = await run(['export', 'positives', '--checkpoints', state])
  const [first] = jsonLines<{ user: string; items: string[] }>(exported.stdout)
  const item = first?.items[0] ?? ''

  const script = [
    snippet('python-load'),
    withReal(snippet('python-vectors'), { '"i0007"': JSON.stringify(item) }),
    withReal(snippet('python-positives'), { '"u0000"': JSON.stringify(first?.user) }),
  ].join('')
  writeFileSync(join(folder, 'read.py'), script)
  const lines = (await found.python.run('read.py', folder)).trim().split('\n')
  assert.equal(lines.length, 6, lines.join('\n'))
  const likeness = lines.slice(0, 5).map((line) => Number(line.split(' ')[1]))
  assert.ok(likeness.every((value, at) => value < 1 && value <= (likeness[at - 1] ?? 1)))
  const [history = [], withheld = []] = [...(lines[5] ?? '').matchAll(/\[(.*?)\]/g)].map(
    ([, names = '']) => names.match(/\w+/g) ?? [],
  )
  assert.ok(history.length > 1, lines[5])
  assert.deepEqual([...history, ...withheld].sort(), [...(first?.items ?? [])].sort())
  assert.equal(history[0], newestOf(events, first?.user ?? '', withheld))
})

/** The item that the user has added last and still has. */
function newestOf(events: readonly Interaction[], user: string, without: readonly string[]) {
  const own = events.filter((event) => event.user === user && !without.includes(event.item))
  const has = setsAfter(own).get(user)
  return own.findLast(({ item, action }) => action === 'ADD' && has?.has(item))?.item
}
