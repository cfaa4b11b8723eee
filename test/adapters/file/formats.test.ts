// Every text format that is read, and what decides how.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/errors.ts'
import { mappingOf, readAll, temporary } from './reading.ts'

const seconds = ['u1 i1 1500000000000 ADD', 'u2 i2 1500000060000 ADD']
const millis = ['u1 i1 1500000000123 ADD', 'u2 i2 1500000060456 ADD']

const rows: readonly (readonly [what: string, name: string, content: string, readonly string[]])[] =
  [
    ['TSV', 'a', 'u1\ti1\t1500000000\nu2\ti2\t1500000060\n', seconds],
    ['TSV with more columns', 'a.tsv', 'u1\ti1\t1500000000\t5\tx\nu2\ti2\t1500000060\n', seconds],
    [
      'TSV with a header',
      'a.tsv',
      'Item\tUser_ID\tTs\ni1\tu1\t1500000000123\ni2\tu2\t1500000060456',
      millis,
    ],
    [
      'TSV of ratings (u.data)',
      'u.data',
      'u1\ti1\t3\t1500000000\nu2\ti2\t5\t1500000060\n',
      seconds,
    ],
    ['MovieLens', 'ratings.dat', 'u1::i1::5::1500000000\nu2::i2::1::1500000060\n', seconds],
    [
      'CSV by names',
      'a.csv',
      'userId,movieId,rating,timestamp\nu1,i1,4.5,1500000000\nu2,i2,3,1500000060\n',
      seconds,
    ],
    [
      'CSV with quotes',
      'a.csv',
      '"user","item","time"\r\n"u1","i1",1500000000\r\nu2,"i2","1500000060"\r\n',
      seconds,
    ],
    [
      'CSV with semicolons',
      'a.csv',
      'user;note;item;ts\nu1;a,b;i1;1500000000\nu2;;i2;1500000060\n',
      seconds,
    ],
    ['CSV without a header', 'a.csv', 'u1,i1,1500000000\nu2,i2,1500000060\n', seconds],
    [
      'CSV with dates',
      'a.csv',
      'user,item,date\nu1,i1,2017-07-14T02:40:00Z\nu2,i2,2017-07-14 02:41:00Z\n',
      seconds,
    ],
    [
      'NDJSON',
      'a',
      [
        '{"user":"u1","item":"i1","timestamp":1500000000123}',
        '{"user":"u2","item":"i2","timestamp":1500000060456,"action":"ADD"}\n',
      ].join('\n'),
      millis,
    ],
    [
      'Windows line ends and a byte order mark',
      'a',
      '\ufeffu1\ti1\t1500000000\r\nu2\ti2\t1500000060\r\n',
      seconds,
    ],
    ['blank lines', 'a', '\n\nu1\ti1\t1500000000\n \t \n\nu2\ti2\t1500000060\n\n', seconds],
    [
      'cells between bars',
      'a.csv',
      'user|item|time\nu1|i1|1500000000\nu2|i2|1500000060\n',
      seconds,
    ],
    ['cells between blanks', 'a.txt', 'u1  i1 1500000000\nu2 i2  1500000060\n', seconds],
    [
      'TSV in quotes',
      'a.tsv',
      '"user"\t"item"\t"time"\n"u1"\t"i1"\t"1500000000"\n"u2"\t"i2"\t"1500000060"\n',
      seconds,
    ],
    [
      'TSV whose titles have quotes of their own',
      'a.tsv',
      'user\ttitle\titem\ttime\nu1\t"Heroes\ti1\t1500000000\nu2\t12" mix\ti2\t1500000060\n',
      seconds,
    ],
    [
      'CSV with blanks after commas, quoted cells among them',
      'a.csv',
      'user, item, time\n"u1", "i1", 1500000000\nu2, i2, 1500000060\n',
      seconds,
    ],
    [
      'CSV with a quote inside a cell',
      'a.csv',
      'user,size,item,time\nu1,5",i1,1500000000\nu2,6,i2,1500000060\n',
      seconds,
    ],
    [
      'lines that are too long or too short for the most',
      'a.csv',
      'user,item,time\nu1,i1,1500000000,more,and more\nu2,i2,1500000060\n\n',
      seconds,
    ],
    [
      'CSV under the name of another format',
      'a.tsv',
      'user,item,time\nu1,i1,1500000000\nu2,i2,1500000060\n',
      seconds,
    ],
    [
      'RecBole',
      'a.inter',
      'user_id:token\titem_id:token\trating:float\ttimestamp:float\nu1\ti1\t4\t1500000000\nu2\ti2\t1\t1500000060\n',
      seconds,
    ],
    ['no last line end', 'a', 'u1\ti1\t1500000000\nu2\ti2\t1500000060', seconds],
  ]

for (const [what, name, content, expected] of rows) {
  test(`reads ${what}`, async (t) => {
    const { events, dead } = await readAll(temporary(t)(name, content))
    assert.deepEqual(events, expected)
    assert.deepEqual(dead, [])
  })
}

test('the format is decided by the most of the lines, not by the first', async (t) => {
  const path = temporary(t)
  const rows = 'u1,i1,1500000000\nu2,i2,1500000060\n'
  const first = await readAll(path('a', `{"not":"the rest"}\n${rows}${rows}`))
  assert.deepEqual(first.events, [...seconds, ...seconds])
  const objects = '{"user":"u1","item":"i1","timestamp":1500000000123}\n'.repeat(3)
  const second = await readAll(path('b', `u1,i1,1500000000\n${objects}`))
  assert.deepEqual([second.events.length, second.dead], [3, ['1 not_json']])
  await assert.rejects(
    readAll(path('c', 'Dear reader\n\nnothing\nhere\n')),
    /neither JSON nor cells/,
  )
})

test('columns can be said by name or number, and actions be read', async (t) => {
  const path = temporary(t)
  const byName = path('a.csv', 'who,what,when,how\nu1,i1,1500000000,ADD\nu1,i1,1500000001,REMOVE\n')
  const removal = ['u1 i1 1500000000000 ADD', 'u1 i1 1500000001000 REMOVE']
  const named = mappingOf({ columns: 'user=who,item=what,timestamp=when,action=how' })
  assert.deepEqual((await readAll(byName, named)).events, removal)
  const byNumber = path('b.tsv', '1500000000\tu1\ti1\n1500000001\tu2\ti2\n')
  const { events } = await readAll(byNumber, mappingOf({ columns: 'user=2, item=3, timestamp=1' }))
  assert.deepEqual(events, ['u1 i1 1500000000000 ADD', 'u2 i2 1500000001000 ADD'])
})

test('columns that cannot be told apart are refused with what to say', async (t) => {
  const path = temporary(t)('a.csv', 'who,what,when\nu1,i1,1500000000\n')
  const refused = (error: unknown): boolean =>
    error instanceof Failure &&
    error.code === 'SOURCE_UNUSABLE' &&
    error.message.includes("--columns 'user=who,item=what,timestamp=when'")
  await assert.rejects(readAll(path), refused)
  await assert.rejects(
    readAll(path, mappingOf({ columns: 'user=whom' })),
    /no column is called whom/,
  )
})

test('each time is taken in the unit in which it is plausible, whichever came first', async (t) => {
  const path = temporary(t)
  const mixed = path('a', 'x\ty\t0\nu1\ti1\t1500000000000\nu2\ti2\t1500000000\n')
  const { events, dead } = await readAll(mixed)
  assert.deepEqual(events, ['u1 i1 1500000000000 ADD', 'u2 i2 1500000000000 ADD'])
  assert.deepEqual(dead, ['1 bad_time'])
})

test('CSV records may stretch over lines; a quote left open spoils its own line only', async (t) => {
  const path = temporary(t)
  const header = 'user,item,review,time\n'
  const review = path(
    'a.csv',
    `${header}u1,i1,"good\nand ""long""",1500000000\nu2,i2,,1500000060\n`,
  )
  const whole = await readAll(review)
  assert.deepEqual(whole.events, seconds)
  assert.deepEqual(
    whole.records.map((record) => record.position.offset),
    [1, 3],
  )
  const open = path('b.csv', `${header}u0,i0,"open,1\nu1,i1,,1500000000\nu2,i2,,1500000060\n`)
  const spoilt = await readAll(open)
  assert.deepEqual(spoilt.events, seconds)
  assert.deepEqual(spoilt.dead, ['2 decode'])
  assert.equal(Buffer.from(spoilt.letters[0]!.value!).toString(), 'u0,i0,"open,1')
})
