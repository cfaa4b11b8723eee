// The command `study` on a made-up log: every study ends with a table and plots, a stopped one goes on, and finished
// jobs are not done again.

import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { studyCommand } from '../../src/command/study.ts'
import type { Point } from '../../src/lab/study/plan.ts'
import { createWorld } from '../../src/world/world.ts'
import { Captured } from './captured.ts'
import { surroundings } from './evaluate/running.ts'

const folder = mkdtempSync(join(tmpdir(), 'study-'))
after(() => rmSync(folder, { recursive: true }))
const data = join(folder, 'log.tsv')
const world = createWorld({ seed: 3, users: 60, items: 120, events: 1_800, undo: 0 })
const lines = [...world.interactions()].map((e) => `${e.user}\t${e.item}\t${e.timestamp}\n`)
writeFileSync(data, lines.join(''))

const small = ['--quick', '--epochs', '1', '--minimum', '3', '--factors', '4']

async function study(name: string, out: string, more: readonly string[] = [], stopAt = '') {
  const stop = new AbortController()
  const stderr = new Captured((text) => {
    if (stopAt !== '' && text.includes(stopAt)) stop.abort()
  })
  const io = {
    ...surroundings(),
    stdout: new Captured(),
    stderr,
    elapsedMs: () => 0,
    processorMs: () => 0,
    stop: stop.signal,
  }
  const args = [name, '--data', data, '--out', join(folder, out), ...small, ...more]
  await studyCommand(io).exitOverride().parseAsync(args, { from: 'user' })
  return {
    out: io.stdout.text,
    err: io.stderr.text,
    read: (file: string) => readFileSync(join(folder, out, file), 'utf8'),
  }
}

const wanted = {
  factors: {
    series: ['ItemPop', 'EASE', 'NBPR', 'DNCR', 'NeuPR, pre-trained', 'NeuPR', 'BPR-MF', 'eALS'],
    xs: [4],
  },
  depth: { series: ['DNCR', 'NeuPR'], xs: [1, 2, 4] },
  negatives: { series: ['NBPR', 'DNCR', 'NeuPR'], xs: [1, 2, 4] },
  alpha: { series: ['as joined', 'learned on'], xs: [0, 0.25, 0.5, 0.75, 1] },
  history: {
    series: ['decay 0.7', 'decay 0.7, known', 'decay 1', 'decay 1, known'],
    xs: [1, 5, 50],
  },
}

for (const [name, { series, xs }] of Object.entries(wanted)) {
  test(`${name}: every cell is in the points, in the table and in both plots`, async () => {
    const { out, read } = await study(name, 'all', ['--json'])
    const points = JSON.parse(out) as Point[]
    assert.deepEqual([...new Set(points.map((point) => point.series))].sort(), [...series].sort())
    assert.deepEqual(
      [...new Set(points.flatMap(({ x }) => x ?? []))].sort((a, b) => a - b),
      xs,
    )
    for (const { values } of points) {
      assert.ok(values.hr10! > 0 && values.hr10! <= 1 && values.ndcg10! <= values.hr10!)
    }
    const table = read(`${name}.md`)
    for (const one of series) assert.match(table, new RegExp(`\\n\\| ${one} \\| \\.\\d{4} / `))
    assert.doesNotMatch(table, /Not complete/)
    for (const measure of ['hr10', 'ndcg10']) {
      const svg = read(`${name}-${measure}.svg`)
      for (const one of series) assert.ok(svg.includes(`>${one}</text>`), one)
    }
  })
}

test('top-k: every model at every length of the list, and longer lists never hold less', async () => {
  const { out, read } = await study('top-k', 'all', ['--json'])
  const points = JSON.parse(out) as Point[]
  const series = [...new Set(points.map((point) => point.series))]
  assert.deepEqual(series.sort(), [...wanted.factors.series].sort())
  for (const name of series) {
    const own = points.filter((point) => point.series === name)
    assert.deepEqual(
      own.map(({ x }) => x),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    )
    for (const [k, { values }] of own.entries()) {
      const shorter = own[k - 1]?.values ?? { hr: 0, ndcg: 0 }
      assert.ok(values.hr! >= shorter.hr! && values.ndcg! >= shorter.ndcg!, `${name} ${k}`)
      assert.ok(values.ndcg! <= values.hr!)
    }
    assert.equal(own[0]?.values.hr, own[0]?.values.ndcg, 'of one item both are the same')
  }
  const table = read('top-k.md')
  for (const one of series)
    assert.match(table, new RegExp(`\\n\\| ${one} \\|( \\.\\d{4} / \\.\\d{4} \\|){10}\\n`))
  // The same jobs as those of `factors`, which kept them.
  assert.match((await study('factors', 'all')).err, /7 jobs, 7 of them finished before/)
})

test('results of a version that did not count lengths are judged again for top-k alone', async () => {
  const first = await study('factors', 'earlier')
  const kept = first.read('results.ndjson').replaceAll(/,"byLength":\{.*?\}/g, '')
  assert.doesNotMatch(kept, /byLength/)
  writeFileSync(join(folder, 'earlier', 'results.ndjson'), kept)
  assert.match((await study('factors', 'earlier')).err, /7 of them finished before/)
  assert.match((await study('top-k', 'earlier')).err, /7 jobs, 0 of them finished before/)
  assert.match((await study('top-k', 'earlier')).err, /7 jobs, 7 of them finished before/)
})

test('paper: one page with all studies of both logs, which names what was not run', async () => {
  const logs = ['--music', data, '--seeds', '1']
  const first = await study('paper', 'paper', [...logs, '--only', 'depth,top-k'])
  const page = first.read('paper.md')
  assert.equal(first.out.trim(), page.trim())
  const sections = [...page.matchAll(/^### (.*): (\S+)$/gm)].map(([, log, name]) => [log, name])
  const names = ['factors', 'top-k', 'negatives', 'depth', 'alpha', 'loss']
  assert.deepEqual(
    sections,
    names.flatMap((name) => [
      ["MovieLens 1M, another log than the paper's", name],
      ['Amazon Digital Music', name],
    ]),
  )
  assert.match(page, /\| DNCR \| \.\d{4} \/ \.\d{4} \| \.\d{4} \/ \.\d{4} \| \.\d{4} \/ \.\d{4} \|/)
  const missing = [...page.matchAll(/^Not run: (\d+) of (\d+) jobs/gm)].map(([, left]) =>
    Number(left),
  )
  assert.deepEqual(missing, [9, 9, 1, 1, 3, 3])
  const ratios = ['nbpr', 'dncr', 'neupr'].map((model) => `${model} f=4 seed 1, ratio 1, 2, 4`)
  assert.ok(page.includes(`Not run: 9 of 9 jobs: ${ratios.join('; ')}.`))
  assert.match(page, /Not run: 1 of 1 jobs: pretrained seed 1, f=4\./)
  // The paper's own figures are shown of its music alone: this log is not its MovieLens.
  assert.equal(page.match(/NeuPR, pre-trained, the paper/g)?.length, 1)
  const again = await study('paper', 'paper', [...logs, '--only', 'none'])
  assert.equal(again.out, first.out)
  assert.doesNotMatch(again.err, /jobs, /)
  await assert.rejects(
    study('paper', 'paper', ['--only', 'depht']),
    /--only is depht, expected none/,
  )
  await assert.rejects(
    study('depth', 'paper', ['--only', 'depth']),
    /--only is read by study paper/,
  )
})

test('loss: a curve for each model, never stopped early', async () => {
  const { out } = await study('loss', 'loss', ['--epochs', '3', '--patience', '1', '--json'])
  const points = JSON.parse(out) as Point[]
  for (const name of ['NBPR', 'DNCR', 'NeuPR']) {
    const own = points.filter(({ series }) => series === name)
    assert.deepEqual(
      own.map(({ x }) => x),
      [1, 2, 3],
    )
    assert.ok(own.every(({ values }) => values.loss! > 0 && values.validation! > 0))
  }
})

test('a study that was stopped says so, and goes on without doing anything twice', async () => {
  const first = await study('depth', 'stopped', [], '2 of 6')
  assert.match(first.out, /Not complete: 4 jobs/)
  assert.match(first.err, /4 jobs are left/)
  const kept = first.read('results.ndjson')
  assert.equal(kept.trim().split('\n').length, 2)
  // As after a crash in the middle of a line.
  appendFileSync(join(folder, 'stopped', 'results.ndjson'), '{"key":"[cut')
  const second = await study('depth', 'stopped')
  assert.match(second.err, /6 jobs, 2 of them finished before/)
  assert.ok(second.read('results.ndjson').startsWith(kept))
  const whole = await study('depth', 'whole')
  assert.equal(second.out, whole.out, 'the same table as in one go')
  const again = await study('depth', 'whole')
  assert.match(again.err, /6 of them finished before/)
  assert.equal(again.out, whole.out)
})

test('models: only their jobs are run, and the page still shows and names the others', async () => {
  const first = await study('factors', 'models', ['--models', 'bpr,itempop'])
  assert.match(first.err, /7 jobs, 0 of them finished before, 5 of other models/)
  assert.match(first.out, /Not complete: 5 jobs/)
  assert.match(first.out, /\n\| BPR-MF \| \.\d{4} /)
  assert.doesNotMatch(first.out, /\n\| eALS \|/)
  const rest = await study('factors', 'models')
  assert.match(rest.err, /7 jobs, 2 of them finished before\n/)
  assert.doesNotMatch(rest.err, /: nbpr f=4/, 'a half of the pre-training')
  const alone = await study('factors', 'alone', ['--models', 'nbpr', '--json'])
  const nbpr = (text: string) => text.match(/^\| NBPR \| (.*) \|$/m)?.[1]
  assert.ok(nbpr(rest.out) !== undefined)
  assert.equal(nbpr(alone.read('factors.md')), nbpr(rest.out))
  assert.equal(rest.out, (await study('factors', 'all')).out)
  await assert.rejects(
    study('factors', 'models', ['--models', 'bpr,svd']),
    /--models names svd, expected some of itempop, /,
  )
})

test('other data or other seeds are other jobs', async () => {
  const { err } = await study('negatives', 'all', ['--draw-seed', '1'])
  assert.match(err, /9 jobs, 0 of them/)
})

test('wrong flags are reported all at once, an unknown study by name', async () => {
  await assert.rejects(
    study('depth', 'wrong', ['--seeds', 'x', '--patience', '0']),
    (error: Error) => {
      return /seeds is x/.test(error.message) && /patience is 0/.test(error.message)
    },
  )
  await assert.rejects(study('depths', 'wrong'), /Allowed choices are factors, top-k, /)
})
