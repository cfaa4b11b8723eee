// `run` on a file, as anybody would start it: complete lists, the same bytes twice, signals, bad settings.

import assert from 'node:assert/strict'
import { appendFileSync, readdirSync, readFileSync, watch } from 'node:fs'
import { after, test } from 'node:test'
import type { TopList } from '../../src/types.ts'
import type { Summary } from '../../src/worker/summary.ts'
import {
  eventsOf,
  exported,
  listFaults,
  openFolder,
  run,
  setsAfter,
  sizeOf,
  small,
  sorted,
  writeEvents,
} from './file-runs.ts'
import { startWorker } from './worker-process.ts'

const folder = openFolder()
after(() => folder.remove())

const events = eventsOf(2_000)
const users = new Set(events.map(({ user }) => user))
writeEvents(folder.at('events.ndjson'), events)

function runFile(name: string, ...more: readonly string[]) {
  return run([
    ...['run', '--source', `file:${folder.at('events.ndjson')}`, '--stop-at-end', ...small],
    ...['--sink', `file:${folder.at(`${name}.ndjson`)}`, '--checkpoints', folder.at(name)],
    ...['--summary', folder.at(`${name}.json`), ...more],
  ])
}

function checkLists(name: string): void {
  const lists = folder.lines(`${name}.ndjson`).map((line) => JSON.parse(line) as TopList)
  assert.deepEqual(listFaults(lists, events, 10), [])
  assert.deepEqual(new Set(lists.map(({ user }) => user)), users, 'everybody has a list')
}

test('in a thread: everybody has a list of ten, none with an item they have; the summary says what was done', () => {
  const { status, stderr } = runFile('threaded')
  assert.equal(status, 0, stderr)
  checkLists('threaded')
  const summary = folder.json<Summary>('threaded.json')
  assert.equal(summary.events, events.length)
  assert.equal(summary.users, users.size)
  assert.equal(summary.items, new Set(events.map(({ item }) => item)).size)
  assert.equal(summary.lists, folder.lines('threaded.ndjson').length)
  assert.ok(summary.triplets > 0 && summary.seconds > 0)
  assert.deepEqual(summary.deadLetters, {})
  for (const segment of ['all', 'last30', 'cold'] as const) {
    const row = summary.prequential[segment]
    assert.ok((row.events as number) > 100)
    for (const ranker of ['model', 'popularity', 'recent', 'itemKnn']) {
      const { hr10, ndcg10 } = row[ranker] as { hr10: number; ndcg10: number }
      assert.ok(hr10 > 0 && hr10 <= 1 && ndcg10 > 0 && ndcg10 <= hr10, `${segment} ${ranker}`)
    }
  }
  assert.ok(summary.forgetting.before > 0)
})

test('--deterministic --seed 7 twice gives the same lists and checkpoints, byte for byte; seed 8 others', () => {
  const settings = ['--deterministic', '--checkpoint-every-events', '750', '--seed']
  for (const [name, seed] of [
    ['one', '7'],
    ['two', '7'],
    ['three', '8'],
  ] as const) {
    const { status, stderr } = runFile(name, ...settings, seed)
    assert.equal(status, 0, stderr)
  }
  checkLists('one')
  const bytes = (name: string) => readFileSync(folder.at(name))
  assert.ok(bytes('one.ndjson').equals(bytes('two.ndjson')))
  assert.ok(!bytes('one.ndjson').equals(bytes('three.ndjson')))
  const files = filesIn('one')
  assert.ok(files.length >= 3 * 3)
  assert.deepEqual(filesIn('two'), files)
  for (const file of files) {
    assert.ok(bytes(`one/${file}`).equals(bytes(`two/${file}`)), `${file} differs`)
  }
})

function filesIn(name: string): string[] {
  const found = readdirSync(folder.at(name), { recursive: true, withFileTypes: true })
  const root = folder.at(name)
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length + 1))
    .sort()
}

test('SIGINT ends with 0 and a checkpoint that the next start goes on from', async () => {
  const args = [
    ...['--source', `file:${folder.at('events.ndjson')}`, ...small, '--batch-records-max', '50'],
    ...['--sink', `file:${folder.at('stopped.ndjson')}`, '--checkpoints', folder.at('stopped')],
  ]
  const first = startWorker([...args, '--rate', '300'], {})
  await grown('stopped.ndjson')
  first.signal('SIGINT')
  assert.equal(await first.ended, 0, first.lines.join('\n'))
  const [before, all] = [sizeOf(exported(folder.at('stopped'))), sizeOf(setsAfter(events))]
  assert.ok(before > 0 && before < all, `${before} of ${all}`)
  const second = startWorker([...args, '--stop-at-end'], {})
  assert.equal(await second.ended, 0, second.lines.join('\n'))
  assert.ok(
    second.lines.some((line) => line.includes('"resumedFrom":1')),
    second.lines.join('\n'),
  )
  assert.deepEqual(sorted(exported(folder.at('stopped'))), sorted(setsAfter(events)))
  checkLists('stopped')
})

test('a second SIGINT ends at once, with 1', async () => {
  const many = eventsOf(30_000)
  writeEvents(folder.at('many.ndjson'), many)
  const worker = startWorker(
    [
      ...['--source', `file:${folder.at('many.ndjson')}`, '--factors', '64'],
      ...['--sink', `file:${folder.at('twice.ndjson')}`, '--checkpoints', folder.at('twice')],
    ],
    {},
  )
  await grown('twice.ndjson')
  worker.signal('SIGINT')
  // Now some thousands of events wait to be learned before it would end by itself.
  await worker.said('all that was read is stored')
  worker.signal('SIGINT')
  assert.equal(await worker.ended, 1, worker.lines.join('\n'))
})

/** Resolves when there is something in the file. */
function grown(name: string): Promise<void> {
  appendFileSync(folder.at(name), '')
  return new Promise((resolve) => {
    const watcher = watch(folder.at(name), () => {
      if (readFileSync(folder.at(name)).length === 0) return
      watcher.close()
      resolve()
    })
  })
}

test('settings that are wrong end with 78 before anything is opened, all told at once', () => {
  const args = [
    'run',
    '--k',
    '0',
    '--factors',
    'x',
    '--nonsense',
    '--checkpoints',
    folder.at('never'),
  ]
  const { status, stderr } = run(args, { NEUPR_UNHEARD: '1' })
  assert.equal(status, 78)
  for (const name of ['k ', 'factors', '--nonsense', 'NEUPR_UNHEARD']) {
    assert.ok(stderr.includes(name), stderr)
  }
  assert.throws(() => readdirSync(folder.at('never')), { code: 'ENOENT' })
})
