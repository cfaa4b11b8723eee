// The command `prequential` from a file to its figures: JSON as promised, a table, faults all at once.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { PrequentialResult } from '../../src/command/prequential/results.ts'
import { prequentialCommand } from '../../src/command/prequential.ts'
import { createWorld } from '../../src/world/world.ts'
import { commandIo } from './captured.ts'

const folder = mkdtempSync(join(tmpdir(), 'prequential-'))
after(() => rmSync(folder, { recursive: true }))

const world = createWorld({ seed: 3, users: 150, items: 300, events: 3_000, undo: 0 })
const tsv = join(folder, 'log.tsv')
const interactions = [...world.interactions()]
const lines = interactions.map((e) => `${e.user}\t${e.item}\t${e.timestamp}\n`)
writeFileSync(tsv, lines.join(''))

async function prequential(...args: string[]): Promise<string> {
  const io = commandIo()
  await prequentialCommand(io).exitOverride().parseAsync(args, { from: 'user' })
  return io.stdout.text
}

const quick = ['--data', tsv, '--factors', '4', '--effort', 'light', '--model', 'nbpr']

test('--json prints a result per contestant, all on the same events', async () => {
  const text = await prequential(...quick, '--limit', '1200', '--json')
  const results = JSON.parse(text) as PrequentialResult[]
  assert.deepEqual(
    results.map(({ contestant }) => contestant),
    ['worker', 'rows+trend', 'paper'],
  )
  const [worker, , paper] = results
  assert.ok('ease' in worker!.quality && !('ease' in paper!.quality))
  for (const { events, quality, data, strict, seed } of results) {
    assert.deepEqual(events, worker!.events)
    assert.deepEqual(quality.popularity, worker!.quality.popularity, 'the same draws')
    assert.deepEqual(quality.itemKnn, worker!.quality.itemKnn)
    assert.deepEqual([data, strict, seed], [tsv, false, 1])
  }
})

test('the table names who is ranked, what is remembered and what it costs', async () => {
  const text = await prequential(...quick, '--against', 'none', '--strict', '--limit', '600')
  for (const part of [
    'strict',
    '**the worker**',
    'ItemKNN',
    'last 30 %',
    'old tastes',
    'together',
  ]) {
    assert.ok(text.includes(part), part)
  }
  assert.ok(!text.includes('EASE') && !text.includes("the paper's"))
})

test('of several actions only those that are named are measured, and the report says which', async () => {
  const events = interactions.slice(0, 900).map(({ user, item, timestamp }, k) => {
    return JSON.stringify({ user, item, timestamp, action: k % 3 === 0 ? 'buy' : 'view' })
  })
  const file = join(folder, 'shop.ndjson')
  writeFileSync(file, `${events.join('\n')}\n`)
  const args = ['--data', file, '--factors', '4', '--model', 'nbpr', '--against', 'none', '--json']
  const measured = async (...more: string[]): Promise<PrequentialResult> => {
    const text = await prequential(...args, '--actions', 'buy=add,view=add:0.2:listable', ...more)
    return (JSON.parse(text) as [PrequentialResult])[0]
  }
  const [some, all] = [await measured('--measure-actions', 'buy'), await measured()]
  assert.deepEqual([some.measured, all.measured], ['buy', undefined])
  assert.ok(some.events.all > 50 && some.events.all <= 300, `${some.events.all} bought`)
  assert.ok(all.events.all > 2 * some.events.all, `${all.events.all} in all`)
})

test('wrong flags are refused together', async () => {
  const wrong = ['--against', 'ease,chance', '--limit', '0', '--ease-lambda', 'x']
  await assert.rejects(prequential(...quick, ...wrong), (cause: Error) =>
    ['chance', '--limit is 0', '--ease-lambda is x'].every((part) => cause.message.includes(part)),
  )
})
