// What can be read out of a checkpoint, pipes in and out, and the demo: each command started as a person does, held
// to what it promises to print.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { TopList } from '../../src/types.ts'
import { faultsOf, jsonLines, run, setsAfter, start, temporary, writeWorld } from './program.ts'

const folder = temporary()
const at = (name: string): string => join(folder, name)
const events = writeWorld(at('events.ndjson'), 1_200)
const users = [...new Set(events.map(({ user }) => user))]

function runOf(name: string): string[] {
  return [
    ...['run', '--source', `file:${at('events.ndjson')}`, '--sink', `file:${at(`${name}.ndjson`)}`],
    ...['--checkpoints', at(name), '--stop-at-end', '--deterministic', '--seed', '7'],
    ...['--checkpoint-every-events', '500', '--summary', at(`${name}.json`)],
  ]
}

before(async () => {
  const { code, stderr } = await run(runOf('one'))
  assert.equal(code, 0, stderr)
})

test('export items and lists print every item with its holders and every list as it would be', async () => {
  const items = await run(['export', 'items', '--checkpoints', at('one')])
  const holders = new Map<string, number>(events.map(({ item }) => [item, 0]))
  for (const own of setsAfter(events).values()) {
    for (const item of own) holders.set(item, holders.get(item)! + 1)
  }
  assert.deepEqual(
    jsonLines(items.stdout),
    [...holders].map(([item, count]) => ({ item, users: count })),
  )
  const lists = await run(['export', 'lists', '--checkpoints', at('one'), '--k', '7'])
  const position = { stream: '', offset: events.length }
  const printed = jsonLines<TopList>(lists.stdout).map((list) => ({ ...list, position }))
  assert.deepEqual(new Set(printed.map(({ user }) => user)), new Set(users))
  assert.deepEqual(faultsOf(printed, events, 7), [])
})

test('recommend prints the list that export prints, and why; a stranger is refused by name', async () => {
  const user = users[3]!
  const lists = await run(['export', 'lists', '--checkpoints', at('one')])
  const exported = jsonLines<TopList>(lists.stdout).find((list) => list.user === user)!
  const json = await run(['recommend', user, '--checkpoints', at('one'), '--json'])
  assert.equal(json.code, 0)
  const answer = JSON.parse(json.stdout)
  assert.deepEqual(
    answer.items.map(({ item, score }: { item: string; score: number }) => ({ item, score })),
    exported.items,
  )
  const own = setsAfter(events).get(user)!
  const told = answer.positives.map(({ item }: { item: string }) => item) as string[]
  assert.deepEqual(
    told.filter((item) => !own.has(item)),
    [],
  )
  // One may be withheld, to measure forgetting.
  assert.ok(told.length >= own.size - 1)
  const parts = Object.keys(answer.items[0].parts).map((name) => name.split('.')[0])
  assert.deepEqual(
    new Set(parts),
    new Set(['history', 'rows', 'neighbours', 'trend', 'match', 'freshness', 'hidden-layer']),
  )
  const text = await run(['recommend', user, '--checkpoints', at('one')])
  for (const { item } of exported.items) assert.ok(text.stdout.includes(item))
  const stranger = await run(['recommend', 'nobody', '--checkpoints', at('one')])
  assert.equal(stranger.code, 65)
  assert.match(stranger.stderr, /^neupr-worker: no user "nobody" among the \d+ of [^\n]+\n$/)
})

test('similar prints what somebody sees who has only the item, and never the item', async () => {
  const { item } = events[0]!
  const found = await run(['similar', item, '--checkpoints', at('one'), '--k', '5', '--json'])
  assert.equal(found.code, 0)
  const answer = JSON.parse(found.stdout) as { source: string; items: { item: string }[] }
  assert.deepEqual([answer.source, answer.items.length], ['PERSONAL', 5])
  assert.ok(answer.items.every((one) => one.item !== item))
  const text = await run(['similar', item, '--checkpoints', at('one'), '--k', '5'])
  for (const one of answer.items) assert.ok(text.stdout.includes(one.item))
  const stranger = await run(['similar', 'nothing', '--checkpoints', at('one')])
  assert.equal(stranger.code, 65)
  assert.match(stranger.stderr, /^neupr-worker: no item "nothing" among the \d+ of [^\n]+\n$/)
})

test('inspect prints what the checkpoint holds; without one it says how to make one', async () => {
  const text = await run(['inspect', at('one')])
  assert.equal(text.code, 0)
  const json = JSON.parse((await run(['inspect', at('one'), '--json'])).stdout)
  assert.equal(json.generation, 3)
  assert.match(text.stdout, new RegExp(`\\b${users.length}\\b`))
  const none = await run(['inspect', at('nowhere')])
  assert.equal(none.code, 66)
  assert.match(none.stderr, /there is no checkpoint in .*neupr-worker run/)
})

test('standard input is a source, standard output a sink; a reader that leaves ends it quietly', async () => {
  const input = readFileSync(at('events.ndjson'), 'utf8').split('\n').slice(0, 400).join('\n')
  const common = ['--checkpoints', at('piped'), '--log-level', 'error', '--fresh']
  const piped = await run(['run', '--stop-at-end', ...common], { input })
  assert.equal(piped.code, 0, piped.stderr)
  assert.deepEqual(faultsOf(jsonLines<TopList>(piped.stdout), events), [])
  assert.equal(piped.stderr, '')
  // The file never ends, so only the reader's leaving can end it.
  const followed = ['--source', `file:${at('events.ndjson')}`, '--follow', '--dead-letters']
  const program = start(['run', ...followed, `file:${at('dead')}`, ...common])
  program.child.stdout!.once('data', () => program.child.stdout!.destroy())
  const { code, stderr } = await program.ended
  assert.equal(stderr, '')
  assert.equal(code, 0)
})

test('a reader that leaves before the first line ends any command quietly', async () => {
  const program = start(['config', '--markdown'])
  program.child.stdout!.destroy()
  const { code, stderr } = await program.ended
  assert.equal(stderr, '')
  assert.equal(code, 0)
})

test('the demo plays a small world to its end, and says what to try next', async () => {
  const { code, stdout, stderr } = await run(['demo', '--events', '2000', '--effort', 'light'])
  assert.equal(code, 0, stderr)
  assert.match(stdout, /2,000 events of [\d,]+ users on [\d,]+ items/)
  assert.match(stdout, /the model +0\.\d{3} +0\.\d{3}/)
  assert.match(stdout, /the worker's list +\d+\.\d %\n +the ten most popular +\d+\.\d %/)
  // In a pipe there is no bar, but lines of the log; what a person reads fits 80 columns but for paths to paste.
  for (const line of stderr.split('\n').slice(0, -1)) assert.equal(JSON.parse(line).level, 'info')
  const wide = stdout.split('\n').filter((line) => line.length > 80 && !line.includes(tmpdir()))
  assert.deepEqual(wide, [])
  const next = /recommend (\S+) --checkpoints (\S+)/.exec(stdout)!
  const tried = await run(['recommend', next[1]!, '--checkpoints', next[2]!])
  assert.equal(tried.code, 0, tried.stderr)
})
