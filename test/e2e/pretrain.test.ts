// `pretrain` on a log of the past, then `run` on what comes after it: it begins ahead, claims no place in the new
// stream, and refuses another model's settings with advice.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { PretrainSummary } from '../../src/command/pretrain/summary.ts'
import type { TopList } from '../../src/types.ts'
import type { Summary } from '../../src/worker/summary.ts'
import { eventsOf, openFolder, run, setsAfter, small, writeEvents } from './file-runs.ts'

const folder = openFolder()
after(() => folder.remove())

const events = eventsOf(5_000)
const [past, rest] = [events.slice(0, 4_000), events.slice(4_000)]
writeEvents(folder.at('past.ndjson'), past)
writeEvents(folder.at('rest.ndjson'), rest)

const paper = [
  '--parts',
  'rows',
  '--model',
  'neupr',
  '--tower',
  'joint',
  '--factors',
  '4',
  '--depth',
  '2',
]

function pretrain(name: string, ...more: readonly string[]) {
  const where = ['--data', folder.at('past.ndjson'), '--checkpoints', folder.at(name)]
  return run(['pretrain', ...where, '--log-level', 'warn', ...more])
}

/** The summary of a run on the rest. */
function live(name: string, ...more: readonly string[]) {
  const ended = run([
    ...['run', '--source', `file:${folder.at('rest.ndjson')}`, '--stop-at-end', '--deterministic'],
    ...['--sink', `file:${folder.at(`${name}.lists`)}`, '--checkpoints', folder.at(name)],
    ...['--summary', folder.at(`${name}.json`), '--log-level', 'warn', ...more],
  ])
  return { ...ended, summary: () => folder.json<Summary>(`${name}.json`) }
}

const hits = ({ prequential: { all } }: Summary): number =>
  (all.events as number) * (all.model as { hr10: number }).hr10

for (const [kind, flags, training] of [
  ['the default parts', small, ['--passes', '1']],
  ['the paper', paper, ['--epochs', '4']],
] as const) {
  test(`${kind}: a worker that was pretrained is right more often from the first event on`, () => {
    const [one, other] = [`${flags[0]}-pretrained`, `${flags[0]}-alone`]
    const { status, stdout, stderr } = pretrain(one, ...flags, ...training)
    assert.equal(status, 0, stderr)
    assert.match(stdout, /4,000 events of 193 users/)
    assert.match(stdout, /neupr-worker run .*--factors 4 [\s\S]*--checkpoints/)
    assert.equal(live(one, ...flags).status, 0)
    assert.equal(live(other, ...flags).status, 0)
    const [mine, its] = [one, other].map((name) => folder.json<Summary>(`${name}.json`))
    assert.equal(mine!.events, 5_000, 'all of the stream, from its first event on')
    assert.ok(
      (mine!.prequential.all.events as number) <= 1_000,
      'the measures are those of the stream',
    )
    assert.ok(hits(mine!) > hits(its!) + 50, `${hits(mine!)} hits, ${hits(its!)} alone`)
    // Lists are of users of the stream, and hold nothing of the past either.
    const lists = folder.lines(`${one}.lists`).map((line) => JSON.parse(line) as TopList)
    const own = setsAfter(past)
    const gone = new Set(events.filter(({ action }) => action === 'REMOVE').map(({ user }) => user))
    assert.deepEqual(new Set(lists.map(({ user }) => user)), new Set(rest.map(({ user }) => user)))
    for (const { user, items } of lists) {
      if (!gone.has(user))
        assert.ok(
          items.every(({ item }) => !own.get(user)?.has(item)),
          user,
        )
    }
  })
}

test('another model’s settings are refused with what differs and what to do', () => {
  const { status, stderr } = live('--parts-pretrained', ...paper, '--factors', '8')
  assert.equal(status, 65)
  assert.match(
    stderr,
    /factors is 4 there, 8 here: run with the same settings, or start over with --fresh/,
  )
})

test('a directory that holds checkpoints is left alone, but with --fresh', () => {
  const refused = pretrain('--parts-pretrained', ...paper, '--epochs', '1')
  assert.equal(refused.status, 78)
  assert.match(
    refused.stderr,
    /holds checkpoint \d+ already: name another .*or start over with --fresh/,
  )
  const { status, stdout } = pretrain(
    '--parts-pretrained',
    ...paper,
    '--epochs',
    '1',
    '--fresh',
    '--json',
  )
  assert.equal(status, 0)
  const summary = JSON.parse(stdout) as PretrainSummary
  assert.ok(summary.generation > 1 && summary.first.events === 4_000)
})

test('wrong flags are refused all at once', () => {
  const { status, stderr } = pretrain('none', '--alpha', '2', '--passes', '-1', '--epochs', 'x')
  assert.equal(status, 78)
  for (const name of ['alpha', 'passes', 'epochs']) assert.match(stderr, new RegExp(`--${name} is`))
})
