// The command `evaluate` from a file to its figures: JSON as promised, a table, faults all at once.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { evaluateCommand } from '../../src/command/evaluate.ts'
import type { OfflineResult } from '../../src/lab/offline/run.ts'
import { Captured } from './captured.ts'
import {
  evaluate,
  events,
  folder,
  ndjson,
  quick,
  surroundings,
  tsv,
  world,
} from './evaluate/running.ts'

test('--json prints one result per model, factors, seed and history, as promised', async () => {
  const models = ['--model', 'itempop,bpr,nbpr', '--seeds', '1,2']
  const { out, err } = await evaluate('--data', tsv, ...models, ...quick, '--json')
  const results = JSON.parse(out) as OfflineResult[]
  assert.deepEqual(
    results.map((one) => [one.model, one.parts, one.factors, one.seed, one.validationInHistory]),
    [
      ['itempop', null, null, 1, false],
      ['bpr', null, 8, 1, false],
      ['bpr', null, 8, 2, false],
      ['nbpr', 'history', 8, 1, false],
      ['nbpr', 'history', 8, 1, true],
      ['nbpr', 'history', 8, 2, false],
      ['nbpr', 'history', 8, 2, true],
    ],
  )
  for (const { sampled, full, epochs, seconds, processorSeconds, model } of results) {
    assert.ok(sampled.hr10! >= sampled.ndcg10! && sampled.hr10! <= 1 && sampled.se! > 0)
    assert.ok(full.hr10! < sampled.hr10!, 'the whole catalogue is harder than 100 of it')
    assert.equal(epochs > 0, model !== 'itempop')
    assert.ok(seconds > 0 && processorSeconds > 0)
  }
  const lines = err.split('\n').filter((line) => line.startsWith('{'))
  const told = lines.map((line) => JSON.parse(line) as { epoch?: number; result?: unknown })
  assert.equal(told.filter((line) => line.epoch !== undefined).length, 8, 'two of each trained')
  assert.deepEqual(
    told.flatMap((line) => (line.result === undefined ? [] : [line.result])),
    results,
  )
})

test('the same seeds give the same figures, from TSV and from NDJSON alike', async () => {
  const flags = ['--model', 'nbpr', ...quick, '--json']
  const one = await evaluate('--data', tsv, ...flags)
  const other = await evaluate('--data', ndjson, ...flags)
  assert.equal(other.out, one.out)
  assert.match(other.err, /1 of 6001 records were not usable: 1 not_json/)
})

test('a table for people, at most 100 columns wide, seeds of one setting on one line', async () => {
  const flags = ['--model', 'itempop,nbpr', '--parts', 'rows', '--seeds', '1,2,3']
  const { out } = await evaluate('--data', tsv, ...flags, ...quick)
  const [head, rule, first, second, blank, ...notes] = out.trim().split('\n')
  const cells = (line = '') =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim())
  const titles = ['model', 'HR@10', 'NDCG@10', 'full', 'seeds', 'epochs', 'seconds', 'CPU']
  assert.deepEqual(cells(head), titles, 'columns that say nothing here are left out')
  assert.match(rule ?? '', /^\|-+\|/)
  assert.match(
    cells(first).join(),
    /^itempop,\.\d{4} ± \.\d{4},\.\d{4},\.\d{4} \/ \.\d{4},–,0,\d+,\d+$/,
  )
  assert.match(cells(second).join(), /^nbpr rows 8,\.\d{4} ± .*,3,[12],\d+,\d+$/)
  assert.equal(blank, '')
  assert.deepEqual(notes, ['full: HR@10 / NDCG@10 among the whole catalogue'])
})

test('a log that leaves no user to judge is refused, with what to do', async () => {
  await assert.rejects(
    evaluate('--data', tsv, '--model', 'itempop', '--minimum', '5000'),
    /no user is left to be judged: 0 users and 0 items of .* have at least 5000 events.*--minimum/,
  )
})

test('the paper’s tower is judged by count, by Algorithm 1 and in full for some users', async () => {
  const paper = ['--model', 'neupr', '--parts', 'rows', '--factors', '4', '--rate', '0.01']
  const short = ['--epochs', '2', '--minimum', '5', '--full-users', '20']
  const { out } = await evaluate('--data', tsv, ...paper, ...short, '--json')
  const shared = await evaluate('--data', tsv, ...paper, ...short, '--json', '--threads', '2')
  assert.equal(shared.out, out, 'two threads learn the same')
  const [result, ...more] = JSON.parse(out) as OfflineResult[]
  assert.deepEqual(more, [], 'rows cannot be told the validation item')
  assert.ok(Math.abs(result!.sampled.hr10! - result!.algorithm1!.hr10!) < 0.1)
  assert.ok(
    result!.sampled.hr10! > 0.15,
    `${result!.sampled.hr10}: chance alone is about 10 of 101`,
  )
  assert.ok(result!.full.users <= 20 && result!.full.users > 5)
})

test('pre-trained: both halves, then their union, which is never worse on validation than its start', async () => {
  const paper = ['--model', 'pretrained', '--parts', 'rows', '--factors', '4', '--rate', '0.01']
  const short = ['--epochs', '2', '--minimum', '5', '--full-users', '20', '--alpha', '0.4']
  const { out, err } = await evaluate('--data', tsv, ...paper, ...short, '--json')
  const [result, ...more] = JSON.parse(out) as OfflineResult[]
  assert.deepEqual([result!.model, result!.parts, more], ['pretrained', 'rows', []])
  const told = err
    .split('\n')
    .flatMap((line) => (line.includes('"epoch"') ? [JSON.parse(line)] : []))
  assert.deepEqual(
    told.map(({ model, epoch }) => `${model} ${epoch}`),
    ['nbpr 1', 'nbpr 2', 'dncr 1', 'dncr 2', 'pretrained 0', 'pretrained 1', 'pretrained 2'],
  )
  const judged = told.slice(4).map((line) => line.validationHr10 as number)
  assert.equal(result!.epochs, judged.indexOf(Math.max(...judged)))
})

test('ncf: held-out items and negatives come from a file', async () => {
  const last = new Map(events.map((event) => [event.user, event]))
  const negatives = join(folder, 'negatives.tsv')
  const ten = world.items.slice(0, 10).join('\t')
  const lines = [...last.values()].map((e) => `${e.user}\t${e.item}\t${e.timestamp}\t5\t${ten}\n`)
  writeFileSync(negatives, lines.join(''))
  const flags = ['--protocol', 'ncf', '--negatives', negatives, '--model', 'itempop,nbpr']
  const { out } = await evaluate('--data', tsv, ...flags, ...quick, '--json')
  const results = JSON.parse(out) as OfflineResult[]
  assert.deepEqual(new Set(results.map((one) => one.model)), new Set(['itempop', 'nbpr']))
  assert.equal(results.at(-1)?.epochs, 2, 'nothing to stop by: all epochs are learned')
})

test('told to stop, it prints the figures it has', async () => {
  const stop = new AbortController()
  const stderr = new Captured()
  const write = stderr._write.bind(stderr)
  stderr._write = (chunk, encoding, done) => {
    if (String(chunk).includes('"result"')) stop.abort()
    write(chunk, encoding, done)
  }
  const io = {
    ...surroundings(),
    stdout: new Captured(),
    stderr,
    elapsedMs: () => 0,
    processorMs: () => 0,
    stop: stop.signal,
  }
  const flags = ['--data', tsv, '--model', 'itempop,bpr', ...quick, '--json']
  await evaluateCommand(io).exitOverride().parseAsync(flags, { from: 'user' })
  const results = JSON.parse(io.stdout.text) as OfflineResult[]
  assert.deepEqual(
    results.map(({ model }) => model),
    ['itempop'],
  )
})

test('a file without events is refused', async () => {
  const empty = join(folder, 'empty.tsv')
  writeFileSync(empty, '\n\n')
  await assert.rejects(evaluate('--data', empty), /holds no record/)
})
