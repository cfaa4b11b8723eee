// Nothing is dropped without a word: what a run says of records that it cannot use, and how it ends where it can use
// none; and what `preview` says before.

import assert from 'node:assert/strict'
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { openFolder, run, small } from './file-runs.ts'

const folder = openFolder()
after(() => folder.remove())

const views = Array.from(
  { length: 600 },
  (_, k) => `u${k % 40},i${k % 90},${1_500_000_000 + k},view\n`,
).join('')
writeFileSync(folder.at('views.csv'), `user,item,time,event\n${views}`)
const order = (k: number) => `u${k % 40}\ti${k % 90}\t${1_500_000_000 + k}\n`
writeFileSync(folder.at('good.tsv'), Array.from({ length: 400 }, (_, k) => order(k)).join(''))

function runOn(file: string, name: string, ...more: readonly string[]) {
  return run([
    ...['run', '--source', `file:${folder.at(file)}`, '--stop-at-end', ...small],
    ...['--sink', `file:${folder.at(`${name}.ndjson`)}`, '--checkpoints', folder.at(name), ...more],
  ])
}

const says =
  /600 of 600 records were not usable: 600 action "view" \(say which count: --actions 'view=add,\*=skip'\)/

test('a run that could use nothing says why, ends with 65, and the right flag then reads it all', () => {
  const { status, stderr } = runOn('views.csv', 'none')
  assert.equal(status, 65, stderr)
  assert.match(stderr, says)
  assert.match(
    stderr,
    /line 2 of .*views.csv is not used \(ignored_type: action \\"view\\"\): «u0,i0,1500000000,view»/,
  )
  assert.equal(stderr.split('is not used').length - 1, 1, 'only the first is told')
  const again = runOn('views.csv', 'none', '--actions', 'view=add')
  assert.equal(again.status, 0, again.stderr)
  assert.match(again.stderr, /"consumed":600/)
})

test('pretrain, evaluate, prequential, tune and demo on nothing say the same', () => {
  const data = ['--data', folder.at('views.csv')]
  const commands = [
    ['pretrain', ...data, '--checkpoints', folder.at('pretrained'), ...small],
    ['evaluate', ...data, '--model', 'itempop'],
    ['prequential', ...data, ...small],
    ['tune', ...data, '--results', folder.at('tune.ndjson'), ...small],
    ['demo', ...data, ...small],
  ]
  for (const args of commands) {
    const { status, stderr, stdout } = run(args)
    assert.equal(status, 65, `${args[0]}: ${stderr}`)
    assert.match(stderr, says, args[0])
    assert.ok(!stdout.includes('0.000'), `${args[0]} prints no figures of nothing`)
  }
})

test('what is unusable among others is told and counted, with the name of the dead-letter file', () => {
  const text = `${order(1)}u1\ti1\t5\n${order(2)}\ti1\t1500000000\nu1\ti1\t7\n${order(3)}`
  writeFileSync(folder.at('mixed.tsv'), text.repeat(20))
  const { status, stderr } = runOn('mixed.tsv', 'mixed')
  assert.equal(status, 0, stderr)
  assert.match(stderr, /line 2 of .*mixed.tsv is not used \(bad_time: .*\): «u1·i1·5»/)
  assert.match(
    stderr,
    /60 of 120 records were not usable: 40 bad_time, 20 bad_id; 60 of them are in .*mixed.ndjson.dead-letters.ndjson/,
  )
})

test('a replaced file is refused at the start, and nothing is written', () => {
  assert.equal(runOn('good.tsv', 'replaced').status, 0)
  writeFileSync(folder.at('good.tsv'), Array.from({ length: 900 }, (_, k) => order(7 * k)).join(''))
  const { status, stderr } = runOn('good.tsv', 'replaced')
  assert.equal(status, 66, stderr)
  assert.match(stderr, /good.tsv is not the file of which an earlier run had read 400 lines/)
})

test('a hidden layer that begins anew is told once, with how to keep the old one', () => {
  writeFileSync(folder.at('layer.tsv'), Array.from({ length: 400 }, (_, k) => order(k)).join(''))
  const full = ['--effort', 'full', '--hidden-units']
  assert.doesNotMatch(runOn('layer.tsv', 'layer', ...full, '4').stderr, /hidden layer/)
  appendFileSync(folder.at('layer.tsv'), order(401))
  const { status, stderr } = runOn('layer.tsv', 'layer', ...full, '8')
  assert.equal(status, 0, stderr)
  const told =
    /has a hidden layer of 4 units: one of 8 units begins to learn instead; .* --hidden-units 4/g
  assert.equal([...stderr.matchAll(told)].length, 1, stderr)
  assert.doesNotMatch(runOn('layer.tsv', 'layer', ...full, '8').stderr, /hidden layer/)
})

test('an unfinished last line waits for its end, through checkpoints', () => {
  writeFileSync(folder.at('grows.tsv'), `${order(1)}${order(2)}u3\ti3`)
  const args = [
    ...['run', '--source', `file:${folder.at('grows.tsv')}`, ...small],
    ...['--sink', `file:${folder.at('grows.ndjson')}`, '--checkpoints', folder.at('grows')],
  ]
  const first = run(args)
  assert.match(first.stderr, /line 3 of .*grows.tsv has no end and is left unread/)
  assert.match(first.stderr, /"consumed":2/)
  appendFileSync(folder.at('grows.tsv'), `33\t1500000009\n${order(4)}`)
  const second = run(args)
  assert.equal(second.status, 0, second.stderr)
  assert.match(second.stderr, /"consumed":2/)
  assert.ok(!existsSync(folder.at('grows.ndjson.dead-letters.ndjson')), 'no half line was believed')
})

test('a packed file is refused to be followed before anything is opened', () => {
  writeFileSync(folder.at('packed.csv'), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]))
  const { status, stderr } = run([
    ...['run', '--source', `file:${folder.at('packed.csv')}`, '--follow', ...small],
    ...['--sink', `file:${folder.at('packed.ndjson')}`, '--checkpoints', folder.at('packed')],
  ])
  assert.equal(status, 66, stderr)
  assert.match(stderr, /packed \(gzip\)/)
  assert.ok(!existsSync(folder.at('packed')))
})

test('preview prints exactly what it promises, and ends with 65 where nothing is usable', () => {
  const good = run(['preview', folder.at('mixed.tsv'), '--json'])
  assert.equal(good.status, 0, good.stderr)
  const report = JSON.parse(good.stdout)
  assert.deepEqual(Object.keys(report), [
    ...[
      'format',
      'encoding',
      'columns',
      'timeUnit',
      'events',
      'counts',
      'actions',
      'times',
      'warnings',
    ],
  ])
  assert.deepEqual([report.format, report.encoding, report.timeUnit], ['tsv', 'utf-8', 's'])
  assert.deepEqual(report.columns, { user: '1', item: '2', timestamp: '3' })
  assert.deepEqual(report.events[0], {
    user: 'u1',
    item: 'i1',
    timestamp: 1_500_000_001_000,
    action: 'ADD',
  })
  assert.deepEqual(report.counts, {
    read: 120,
    usable: 60,
    dead: { bad_time: 40, bad_id: 20 },
    skipped: {},
  })
  assert.deepEqual(report.times, {
    first: 1_500_000_001_000,
    last: 1_500_000_003_000,
    backwards: 19,
  })
  const none = run(['preview', folder.at('views.csv'), '--json'])
  assert.equal(none.status, 65)
  const found = JSON.parse(none.stdout)
  assert.deepEqual(found.actions, { view: 600 })
  assert.match(found.warnings.join('\n'), says)
  assert.match(found.warnings.join('\n'), /line 2 of .*views\.csv is not used/)
  const text = run(['preview', folder.at('mixed.tsv')])
  assert.match(text.stdout, /columns user=1,item=2,timestamp=3; times: seconds/)
  assert.match(text.stdout, /--columns 'user=1,item=2,timestamp=3' --time-unit s/)
  assert.match(run(['preview', '--shapes']).stdout, /^segment .*\nrudderstack /)
})

test('a file sorted by user is told, with the remedy', () => {
  const users = Array.from({ length: 30 }, (_, user) => user)
  const rows = users.flatMap((user) =>
    Array.from({ length: 8 }, (_, k) => `u${user}\ti${k}\t${1_500_000_000 + 97 * k + user}\n`),
  )
  writeFileSync(folder.at('sorted.tsv'), rows.join(''))
  const { stdout } = run(['preview', folder.at('sorted.tsv')])
  assert.match(stdout, /sorted by user, not by time.*sort it by time first/)
  const { status, stderr } = runOn('sorted.tsv', 'sorted')
  assert.equal(status, 0, stderr)
  assert.match(stderr, /sorted by user, not by time/)
})
