// Lines that cannot be used, of every kind: counted, written down whole with their number, and passed.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Summary } from '../../src/worker/summary.ts'
import { exported, openFolder, run, small } from './file-runs.ts'

const folder = openFolder()
after(() => folder.remove())

const good = (k: number) =>
  JSON.stringify({ user: `u${k % 7}`, item: `i${k}`, timestamp: 1e12 + k })
const named = (change: object) =>
  JSON.stringify({ user: 'u', item: 'i', timestamp: 1e12, ...change })
/** Lines that cannot be used, with the reason that must be told. */
const bad: readonly (readonly [string, string])[] = [
  ['this is not JSON', 'not_json'],
  ['{"user":"u","item":"i"', 'not_json'],
  ['[1,2]', 'wrong_type'],
  [JSON.stringify({ item: 'i', timestamp: 1e12 }), 'missing_field'],
  [JSON.stringify({ user: 'u', timestamp: 1e12 }), 'missing_field'],
  [JSON.stringify({ user: 'u', item: 'i' }), 'missing_field'],
  [named({ user: true }), 'wrong_type'],
  [named({ timestamp: 'noon' }), 'wrong_type'],
  [named({ timestamp: '12' }), 'bad_time'],
  [named({ timestamp: 1.5 }), 'bad_time'],
  [named({ user: '' }), 'bad_id'],
  [named({ item: 'x'.repeat(300) }), 'bad_id'],
  [named({ user: 'a\u0000b' }), 'bad_id'],
  [named({ item: 'x'.repeat(10_000_000) }), 'too_large'],
  [named({ timestamp: -1 }), 'bad_time'],
  [named({ timestamp: 4e12 }), 'bad_time'],
  [named({ user: 2 ** 60 * 1e9 }), 'unsafe_long'],
  [named({ action: 'remove' }), 'bad_action'],
]
const skipped: readonly (readonly [string, string])[] = [
  [named({ action: 'VIEW' }), 'ignored_type'],
  ['', 'blank'],
]

test('bad lines of every kind are counted by reason and written down with their number; the run goes on', () => {
  // Every bad line stands between good ones; the second file ends in the middle of its gzip.
  const lines = [...bad, ...skipped].flatMap(([line], k) => [good(2 * k), line, good(2 * k + 1)])
  writeFileSync(folder.at('in-1.ndjson'), lines.map((line) => `${line}\n`).join(''))
  const many = Array.from({ length: 5_000 }, (_, k) => `${good(1_000 + k)}\n`).join('')
  const whole = gzipSync(many)
  writeFileSync(folder.at('in-2.ndjson.gz'), whole.subarray(0, whole.length / 2))
  writeFileSync(folder.at('in-3.ndjson'), `${good(9_999)}\n`)
  const { status, stderr } = run([
    ...['run', '--source', `file:${folder.at('in-*')}`, '--stop-at-end', ...small],
    ...['--sink', `file:${folder.at('lists.ndjson')}`, '--checkpoints', folder.at('bad')],
    ...['--summary', folder.at('bad.json')],
  ])
  assert.equal(status, 0, stderr)
  const summary = folder.json<Summary>('bad.json')
  assert.deepEqual(summary.deadLetters, { ...counted(bad), torn_input: 1 })
  assert.deepEqual(summary.skipped, counted(skipped))
  const letters = folder
    .lines('lists.ndjson.dead-letters.ndjson')
    .map(
      (line) => JSON.parse(line) as { reason: string; line: number; stream: string; value: string },
    )
  const first = letters.filter(({ stream }) => stream === folder.at('in-1.ndjson'))
  assert.deepEqual(
    first.map(({ reason, line }) => [reason, line]),
    bad.map(([, reason], k) => [reason, 3 * k + 2]),
  )
  first.forEach(({ reason, value }, k) => {
    const text = Buffer.from(value, 'base64').toString()
    if (reason === 'too_large') assert.ok(text.length < 10_000 && bad[k]![0].startsWith(text))
    else assert.equal(text, bad[k]![0])
  })
  const [torn, ...others] = letters.filter(({ stream }) => stream !== folder.at('in-1.ndjson'))
  assert.deepEqual(
    [torn?.reason, torn?.stream, others],
    ['torn_input', folder.at('in-2.ndjson.gz'), []],
  )
  const sets = exported(folder.at('bad'))
  assert.ok(sets.get(`u${9_999 % 7}`)?.has('i9999'), 'the file after the torn one was read')
  // Of the torn file every whole line counts; which these are, the line of the letter says.
  const goods = 2 * (bad.length + skipped.length) + (torn!.line - 1) + 1
  assert.equal(summary.events, goods)
})

function counted(lines: readonly (readonly [string, string])[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const [, reason] of lines) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}
