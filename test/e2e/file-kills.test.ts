// kill -9 in the middle of `run`, again and again over one file: nothing is lost and nothing counted twice. Half of the
// runs are in one thread and half in two; half are killed by what they have written of lists, half of checkpoints.

import assert from 'node:assert/strict'
import { mkdirSync, statSync, watch, writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { createRandom } from '../../src/sample/random.ts'
import type { TopList } from '../../src/types.ts'
import type { Summary } from '../../src/worker/summary.ts'
import {
  eventsOf,
  exported,
  listFaults,
  openFolder,
  run,
  setsAfter,
  small,
  sorted,
  writeEvents,
} from './file-runs.ts'
import { startWorker } from './worker-process.ts'

const folder = openFolder()
after(() => folder.remove())

const kills = 12
const events = eventsOf(4_000)
writeEvents(folder.at('events.ndjson'), events)
/** Every 41st line is bad, so that dead letters are part of the books. */
const lines = events.flatMap((event, k) =>
  k % 41 === 40 ? ['spoiled', JSON.stringify(event)] : [JSON.stringify(event)],
)
const spoiled = lines.length - events.length
writeFileSync(folder.at('events.ndjson'), lines.map((line) => `${line}\n`).join(''))
const args = [
  ...['--source', `file:${folder.at('events.ndjson')}`, '--stop-at-end', ...small],
  ...['--sink', `file:${folder.at('lists.ndjson')}`, '--checkpoints', folder.at('checkpoints')],
  ...['--batch-records-max', '50', '--summary', folder.at('summary.json')],
]
const oneThread = ['--deterministic', '--checkpoint-every-events', '150', '--rate', '600']
const twoThreads = ['--checkpoint-every-seconds', '1', '--rate', '150']

/** Resolves once the lists have grown by `bytes` bytes. */
function listsGrown(bytes: number): Promise<void> {
  const path = folder.at('lists.ndjson')
  const before = statSync(path).size
  return seen(path, () => statSync(path).size - before >= bytes)
}

/** Resolves once files among the checkpoints have been made, renamed or deleted `times` times. */
function checkpointsMoved(times: number): Promise<void> {
  let moved = 0
  return seen(folder.at('checkpoints'), () => ++moved >= times)
}

function seen(path: string, enough: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    // One that nothing happens to any more keeps nobody from ending.
    const watcher = watch(path, { persistent: false }, () => {
      if (!enough()) return
      watcher.close()
      resolve()
    })
  })
}

test(`killed ${kills} times at random moments, it ends with exactly the file's sets`, async () => {
  const random = createRandom(1, 'kills')
  writeFileSync(folder.at('lists.ndjson'), '')
  mkdirSync(folder.at('checkpoints'))
  let killed = 0
  for (let k = 0; k < kills; k++) {
    const mode = k % 2 === 0 ? oneThread : twoThreads
    const moment =
      k % 4 < 2 ? listsGrown(1 + random.below(60_000)) : checkpointsMoved(1 + random.below(12))
    const worker = startWorker([...args, ...mode], {})
    await Promise.race([moment, worker.ended])
    worker.signal('SIGKILL')
    if ((await worker.ended) === 'SIGKILL') killed++
    else assert.equal(await worker.ended, 0, worker.lines.join('\n'))
  }
  assert.equal(killed, kills, 'every run was in the middle when it was killed')
  const last = run(['run', ...args, '--deterministic'])
  assert.equal(last.status, 0, last.stderr)
  assert.match(last.stderr, /"resumedFrom":\d+/, 'not from the start again')
  assert.deepEqual(sorted(exported(folder.at('checkpoints'))), sorted(setsAfter(events)))

  const summary = folder.json<Summary>('summary.json')
  assert.equal(summary.events, events.length, 'each event is counted once')
  assert.deepEqual(summary.deadLetters, { not_json: spoiled })
  // Written before they are acknowledged, so a kill may repeat some, but none is missing.
  const letters = folder.lines('lists.ndjson.dead-letters.ndjson')
  const numbers = letters.map((line) => (JSON.parse(line) as { line: number }).line)
  assert.equal(new Set(numbers).size, spoiled)

  const lists = folder.lines('lists.ndjson').map((line) => JSON.parse(line) as TopList)
  const users = new Set(events.map(({ user }) => user))
  assert.deepEqual(new Set(lists.map(({ user }) => user)), users)
  assert.deepEqual(listFaults(lists, events, 10, lines), [])
})
