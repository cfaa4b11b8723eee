// The command `tune`: a grid over streams, one change at a time, that goes on where it stopped.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { changedPlan, defaultGrid, isOfPlan, valueAt } from '../../src/command/tune/grid.ts'
import { type Trial, tuneTable } from '../../src/command/tune/results.ts'
import { tuneCommand } from '../../src/command/tune.ts'
import { settings } from '../../src/settings/all.ts'
import { planLearner } from '../../src/trainer/model/plan.ts'
import { configOf } from '../trainer/stream.ts'
import { commandIo } from './captured.ts'

const folder = mkdtempSync(join(tmpdir(), 'tune-'))
after(() => rmSync(folder, { recursive: true }))

async function tune(...args: string[]): Promise<string> {
  return (await tuneUntil(new AbortController().signal, args)).stdout
}

async function tuneUntil(stop: AbortSignal, args: readonly string[]) {
  const io = commandIo(stop)
  await tuneCommand(io).exitOverride().parseAsync(args, { from: 'user' })
  return { stdout: io.stdout.text, stderr: io.stderr.text }
}

test('every change is played once, and only what is missing is played again', async () => {
  const results = join(folder, 'results.ndjson')
  const grid = join(folder, 'grid.json')
  const file = join(folder, 'few.tsv')
  writeFileSync(
    file,
    Array.from(
      { length: 400 },
      (_, k) => `u${k % 7}\ti${(k * k) % 211}\t${1_500_000_000 + k}\n`,
    ).join(''),
  )
  writeFileSync(grid, JSON.stringify({ freshShare: [0, 0.5], trendHalfLives: [[50]] }))
  const quick = ['--factors', '4', '--effort', 'light', '--model', 'nbpr', '--results', results]
  const args = [...['--data', 'world', '--data', file, '--limit', '900', '--grid', grid], ...quick]
  const first = JSON.parse(await tune(...args, '--json')) as Trial[]
  assert.deepEqual(
    first.map(({ stream, change }) => [stream, change.key, change.value]),
    ['world', file].flatMap((stream) => [
      [stream, '', null],
      [stream, 'freshShare', 0.5],
      [stream, 'trendHalfLives', [50]],
    ]),
  )
  assert.equal(new Set(first.map(({ middle }) => middle.ndcg10)).size > 3, true, 'changes change')
  const kept = readFileSync(results, 'utf8').trimEnd().split('\n')
  assert.equal(kept.length, 6)
  // Cut short: the last line is torn, the one before is missing.
  writeFileSync(results, `${kept.slice(0, 4).join('\n')}\n${kept[5]!.slice(0, 20)}`)
  const second = JSON.parse(await tune(...args, '--json')) as Trial[]
  const figures = (all: readonly Trial[]) => all.map(({ cost: _, ...rest }) => rest)
  assert.deepEqual(figures(second), figures(first))
  assert.equal(readFileSync(results, 'utf8').trimEnd().split('\n').length, 4 + 1 + 2)
})

test('stopped, it says what it has and how much is to do', async () => {
  const results = join(folder, 'stopped.ndjson')
  const args = ['--data', 'world', '--limit', '900', '--only', 'freshShare', '--results', results]
  const { stdout, stderr } = await tuneUntil(AbortSignal.abort(), args)
  assert.match(stdout, /^\| middle .* \| world \| .*\n\| --- /)
  assert.match(stderr, /^4 trials, 0 of them finished before\n/)
  assert.match(stderr, /4 trials are left: the same command continues\n$/)
})

test('the table says who wins on the mean of the streams', () => {
  const trial = (stream: string, key: string, value: unknown, hr10: number): Trial => {
    const quality = { hr10, ndcg10: hr10 / 2 }
    return {
      stream,
      base: 'b',
      change: { key, value },
      middle: quality,
      last30: quality,
      cold: quality,
      old: 0.25,
      cost: 5,
    }
  }
  const trials = ['s', 't'].flatMap((stream, k) => [
    trial(stream, '', null, 0.5),
    trial(stream, 'x', 1, 0.51 - 0.02 * k),
    trial(stream, 'x', 2, 0.52),
    trial(stream, 'y', 3, 0.49),
  ])
  const lines = tuneTable(['s', 't'], trials).split('\n')
  assert.match(
    lines[2]!,
    /the defaults \| \.5000 \/ \.2500 \/ \.2500 \| \.5000 \/ \.2500 \/ \.2500 \| \+0\.00 \/ \+0\.00 \| 5/,
  )
  assert.match(
    lines[3]!,
    /x = 1 \| \.5100 \/ \.2550 \/ \.2500 \| \.4900 \/ \.2450 \/ \.2500 \| [+−]0\.00/,
  )
  assert.match(lines[4]!, /x = 2 .* \*\*\+2\.00 \/ \+1\.00\*\*/)
  assert.match(lines[5]!, /y = 3 .* −1\.00 \/ −0\.50 \|/)
})

test('every row of the grid is there to be changed, and its values may be set', () => {
  const plan = planLearner(configOf({}))
  for (const [key, values] of Object.entries(defaultGrid)) {
    if (!isOfPlan(key)) {
      const row = settings[key as keyof typeof settings]
      for (const value of values) assert.ok(row.parse(value) !== undefined, `${key} ${value}`)
      continue
    }
    for (const value of values) {
      assert.deepEqual(valueAt(changedPlan(plan, key, value), key), value)
    }
  }
  assert.throws(() => changedPlan(plan, 'networks/nobody/draws/replays', 1), /nothing at/)
})

test('what is no grid is refused', async () => {
  const grid = join(folder, 'wrong.json')
  writeFileSync(grid, JSON.stringify({ nothingLikeIt: [1], freshShare: 3 }))
  const run = tune('--data', 'world', '--grid', grid, '--results', join(folder, 'none'))
  await assert.rejects(
    run,
    /nothingLikeIt is neither.*freshShare needs a list|freshShare needs a list/,
  )
})
