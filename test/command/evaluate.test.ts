// The command `evaluate` from a file to its figures: JSON as promised, a table, faults all at once.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { after, test } from 'node:test'
import { evaluateCommand } from '../../src/command/evaluate.ts'
import type { OfflineResult } from '../../src/lab/offline/run.ts'
import { createWorld } from '../../src/world/world.ts'

const folder = mkdtempSync(join(tmpdir(), 'evaluate-'))
after(() => rmSync(folder, { recursive: true }))

const world = createWorld({ seed: 3, users: 150, items: 300, events: 6_000, undo: 0 })
const events = [...world.interactions()]
const tsv = join(folder, 'log.tsv')
const ndjson = join(folder, 'log.ndjson')
writeFileSync(tsv, events.map((e) => `${e.user}\t${e.item}\t${e.timestamp}\n`).join(''))
writeFileSync(ndjson, `${events.map((e) => JSON.stringify(e)).join('\n')}\nnot json\n`)

class Captured extends Writable {
  text = ''
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8')
    done()
  }
}

async function evaluate(...args: string[]): Promise<{ out: string; err: string }> {
  let ms = 0
  const clock = () => (ms += 1_000)
  const outputs = { stdout: new Captured(), stderr: new Captured() }
  const io = { ...outputs, elapsedMs: clock, processorMs: clock }
  await evaluateCommand(io).exitOverride().parseAsync(args, { from: 'user' })
  return { out: io.stdout.text, err: io.stderr.text }
}

const quick = ['--epochs', '2', '--factors', '8', '--minimum', '5']

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
    assert.ok(sampled.hr10 >= sampled.ndcg10 && sampled.hr10 <= 1 && sampled.se > 0)
    assert.ok(full.hr10 < sampled.hr10, 'the whole catalogue is harder than 100 of it')
    assert.equal(epochs > 0, model !== 'itempop')
    assert.ok(seconds > 0 && processorSeconds > 0)
  }
  const lines = err.trim().split('\n').slice(1)
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
  assert.match(other.err, /left out 1 lines/)
})

test('a table for people, seeds of one setting on one line', async () => {
  const flags = ['--model', 'itempop,nbpr', '--parts', 'rows', '--seeds', '1,2,3']
  const { out } = await evaluate('--data', tsv, ...flags, ...quick)
  const [head, rule, first, second, ...more] = out.trim().split('\n')
  assert.match(head ?? '', /^\| model \| parts \| f /)
  assert.match(rule ?? '', /^\|---\|/)
  assert.match(first ?? '', /^\| itempop \| – \| – \| no \| \.\d{4} ± \.\d{4} \|/)
  assert.match(second ?? '', /^\| nbpr \| rows \| 8 \| no \| .* \| 3 \| [12] \| \d+ \| \d+ \|$/)
  assert.deepEqual(more, [])
})

test('the paper’s tower is judged by count, by Algorithm 1 and in full for some users', async () => {
  const paper = ['--model', 'neupr', '--parts', 'rows', '--factors', '4', '--rate', '0.01']
  const short = ['--epochs', '2', '--minimum', '5', '--full-users', '20']
  const { out } = await evaluate('--data', tsv, ...paper, ...short, '--json')
  const shared = await evaluate('--data', tsv, ...paper, ...short, '--json', '--threads', '2')
  assert.equal(shared.out, out, 'two threads learn the same')
  const [result, ...more] = JSON.parse(out) as OfflineResult[]
  assert.deepEqual(more, [], 'rows cannot be told the validation item')
  assert.ok(Math.abs(result!.sampled.hr10 - result!.algorithm1!.hr10) < 0.1)
  assert.ok(result!.sampled.hr10 > 0.15, `${result!.sampled.hr10}: chance alone is about 10 of 101`)
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

test('wrong flags are reported all at once', async () => {
  const flags = [
    '--model',
    'best',
    '--factors',
    '8,x',
    '--rate',
    '0',
    '--protocol',
    'ncf',
    '--alpha',
    '2',
  ]
  await assert.rejects(evaluate('--data', tsv, ...flags), (error: Error & { code: string }) => {
    assert.equal(error.code, 'SETTINGS_INVALID')
    for (const part of [
      'model names best',
      'factors is x',
      'rate is 0',
      'needs --negatives',
      'alpha is 2',
    ]) {
      assert.ok(error.message.includes(part), `${part} in ${error.message}`)
    }
    return true
  })
})

test('a history is read and learned as the flags say; those that do not fit are refused', async () => {
  const base = ['--data', tsv, '--model', 'nbpr', ...quick, '--json']
  const lossBy = async (...flags: string[]) => {
    const { err } = await evaluate(...base, ...flags)
    return /"epoch":2.*"loss":([\d.]+)/.exec(err)?.[1]
  }
  const usual = await lossBy()
  const newest = await lossBy('--blocks', 'short:1:1')
  const dropped = await lossBy('--dropout', '0,0.5,0')
  const decayed = await lossBy('--decay', '1')
  const drawn = await lossBy('--learning', 'draws', '--blocks', 'long:50,short:5:.5,time:9:3600')
  const losses = [usual, newest, dropped, decayed, drawn]
  assert.ok(losses.every((loss) => Number(loss) > 0))
  assert.equal(new Set(losses).size, losses.length, `${losses}`)
  const wrong = ['--blocks', 'long:0,short:5,time:3:60:1', '--dropout', '1,.2', '--decay', 'x']
  await assert.rejects(evaluate(...base, ...wrong), (error: Error) => {
    for (const part of ['long:0', 'short:5', 'time:3:60:1', 'three shares', 'decay is x']) {
      assert.ok(error.message.includes(part), `${part} in ${error.message}`)
    }
    return true
  })
})

test('a file without events is refused', async () => {
  const empty = join(folder, 'empty.tsv')
  writeFileSync(empty, '\n\n')
  await assert.rejects(evaluate('--data', empty), /no event could be read/)
})
