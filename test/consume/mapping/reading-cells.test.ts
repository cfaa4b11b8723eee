// Text files of every published shape: each is read exactly, or refused with what was found and the flag to paste.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCells } from '../../../src/consume/mapping/read-cells.ts'
import { type Reading, refuse, describe as told } from '../../../src/consume/mapping/reading.ts'
import {
  type MappingSettings,
  mappingDefaults,
  parseMapping,
} from '../../../src/consume/mapping/spec.ts'
import { Failure } from '../../../src/errors.ts'

const latest = Date.UTC(2026, 10, 1)
const t0 = 1_433_221_651_000

function read(text: string, more: Partial<MappingSettings> = {}, separator = ','): Reading {
  const spec = parseMapping({ ...mappingDefaults, ...more })
  return readCells(
    text.split('\n').map((line) => line.split(separator)),
    spec,
    latest,
  )
}

/** The same line again and again, with a counter where {n} stands: users and items differ, as they do. */
function lines(template: string, header = '', count = 12): string {
  const rows = Array.from({ length: count }, (_, n) =>
    template.replaceAll('{n}', String(10 + ((n * 7) % 13))).replaceAll('{r}', String(1 + (n % 5))),
  )
  return (header === '' ? rows : [header, ...rows]).join('\n')
}

const accepted: readonly (readonly [
  what: string,
  text: string,
  columns: Reading['columns'],
  unit: Reading['unit'],
  first: string,
])[] = [
  [
    'RecBole',
    lines('{n},1{n},{r},1433221651', 'user_id:token,item_id:token,rating:float,timestamp:float'),
    { user: 'user_id', item: 'item_id', timestamp: 'timestamp', rating: 'rating' },
    's',
    `10 110 ${t0} ADD`,
  ],
  [
    'MovieLens',
    lines('{n},1{n},{r},1433221651', 'userId,movieId,rating,timestamp'),
    { user: 'userId', item: 'movieId', timestamp: 'timestamp', rating: 'rating' },
    's',
    `10 110 ${t0} ADD`,
  ],
  [
    'Amazon 2023',
    lines('AH{n},B0{n},4.5,1433221651000', 'user_id,parent_asin,rating,timestamp'),
    { user: 'user_id', item: 'parent_asin', timestamp: 'timestamp', rating: 'rating' },
    'ms',
    `AH10 B010 ${t0} ADD`,
  ],
  [
    'H&M',
    lines('2015-06-02,c{n},06{n},0.05,2', 't_dat,customer_id,article_id,price,sales_channel_id'),
    { user: 'customer_id', item: 'article_id', timestamp: 't_dat' },
    'text',
    'c10 0610 1433203200000 ADD',
  ],
  [
    'Yelp',
    lines('r,u{n},b{n},{r},2015-06-02 05:07:31', 'review_id,user_id,business_id,stars,date'),
    { user: 'user_id', item: 'business_id', timestamp: 'date', rating: 'stars' },
    'text',
    `u10 b10 ${t0} ADD`,
  ],
  [
    'Diginetica, whose users are mostly unknown',
    lines('s{n},NA,i{n},428295,2015-06-02', 'sessionId,userId,itemId,timeframe,eventdate'),
    { user: 'sessionId', item: 'itemId', timestamp: 'eventdate' },
    'text',
    's10 i10 1433203200000 ADD',
  ],
  [
    'days as numbers',
    lines('u{n},i{n},20150602', 'user,item,date'),
    { user: 'user', item: 'item', timestamp: 'date' },
    'date',
    'u10 i10 1433203200000 ADD',
  ],
  [
    'blanks after commas',
    lines('u{n}, i{n}, 1433221651', 'user, item, timestamp'),
    { user: 'user', item: 'item', timestamp: 'timestamp' },
    's',
    `u10 i10 ${t0} ADD`,
  ],
  [
    'microseconds',
    lines('u{n},i{n},1433221651000000', 'user,item,timestamp'),
    { user: 'user', item: 'item', timestamp: 'timestamp' },
    'us',
    `u10 i10 ${t0} ADD`,
  ],
  [
    'exponents',
    lines('u{n},i{n},1.433221651e+09', 'user,item,timestamp'),
    { user: 'user', item: 'item', timestamp: 'timestamp' },
    's',
    `u10 i10 ${t0} ADD`,
  ],
  [
    'a first time of zero',
    `user,item,timestamp\nu1,i1,0\n${lines('u{n},i{n},1433221651000')}`,
    { user: 'user', item: 'item', timestamp: 'timestamp' },
    'ms',
    `u10 i10 ${t0} ADD`,
  ],
  [
    'no header: user, item, time',
    lines('u{n},i{n},1433221651'),
    { user: '1', item: '2', timestamp: '3' },
    's',
    `u10 i10 ${t0} ADD`,
  ],
  [
    'no header: user, item, rating, time',
    lines('{n},1{n},{r},1433221651'),
    { user: '1', item: '2', timestamp: '4', rating: '3' },
    's',
    `10 110 ${t0} ADD`,
  ],
]

test('text files whose columns are clear are read', () => {
  for (const [what, text, columns, unit, first] of accepted) {
    const reading = read(text)
    assert.equal(reading.refusal, undefined, `${what}: ${reading.refusal?.message}`)
    assert.deepEqual(reading.columns, columns, what)
    assert.equal(reading.unit, unit, what)
    const { user, item, timestamp, action } = reading.samples[0]!
    assert.equal(`${user} ${item} ${timestamp} ${action}`, first, what)
    refuse(reading, what)
    assert.ok(told(reading)[0]!.includes(`user=${columns.user}`), what)
  }
})

const refused: readonly (readonly [what: string, text: string, says: RegExp, flag: string])[] = [
  [
    'Gowalla',
    lines('{n},2015-06-02T05:07:31Z,30.2359,-97.7951,2{n}'),
    /the time is column 2/,
    "--columns 'user=1,item=5,timestamp=2'",
  ],
  [
    'Yoochoose',
    lines('{n},2015-06-02T05:07:31.277Z,2145366{n},0'),
    /the time is column 2/,
    "--columns 'user=1,item=3,timestamp=2,rating=4'",
  ],
  [
    'Foursquare',
    lines('{n},v{n},c{n},Shop,40.7,-74.0,-240,Tue Jun 02 05:07:31 +0000 2015'),
    /the time is column 8/,
    "--columns 'user=1,item=2,timestamp=8'",
  ],
  [
    'Last.fm 360K, without times',
    lines('f{n},mbid-{n},artist {n},22{n}'),
    /no column holds times.*@line/,
    "--columns 'user=1,item=2,timestamp=@line'",
  ],
  [
    'user, item, rating',
    lines('{n},1{n},4.5'),
    /no column holds times/,
    "--columns 'user=1,item=2,timestamp=@line,rating=3'",
  ],
  [
    'Surprise',
    lines('{n},1{n},{r}', 'UserID,ItemID,Rating'),
    /no column is called like a time/,
    "--columns 'user=UserID,item=ItemID,timestamp=@line,rating=Rating'",
  ],
  [
    'names nobody knows',
    lines('k{n},a{n},2015-06-02', 'kunde,artikel,zeit'),
    /no column is called like a user or an item or a time/,
    "--columns 'user=kunde,item=artikel,timestamp=zeit'",
  ],
  [
    'Amazon 2018, items first',
    lines('B0000000{n},A00000000000{n},4.5,1433221651'),
    /column 1 holds ids of items/,
    "--columns 'user=2,item=1,timestamp=4'",
  ],
  [
    'the Netflix prize',
    `127:\n${lines('14888{n},{r},2015-06-02')}`,
    /«127:»/,
    "--columns 'user=1,item=…,timestamp=3,rating=2'",
  ],
  [
    'a rating called time',
    lines('u{n},i{n},{r}', 'user,item,time'),
    /column time holds no times since 1990: «1»/,
    "--columns 'user=user,item=item,timestamp=@line,rating=time'",
  ],
]

test('text files whose columns are not clear are refused with the flag to paste', () => {
  for (const [what, text, says, flag] of refused) {
    const reading = read(text)
    assert.match(reading.refusal?.message ?? 'not refused', says, what)
    assert.equal(reading.refusal?.flag, flag, what)
    assert.throws(
      () => refuse(reading, 'a.csv'),
      (error) => error instanceof Failure && error.exitCode === 65 && error.message.includes(flag),
      what,
    )
  }
})

test('the flag that a refusal gives is taken, and reads the file', () => {
  for (const [what, text, , flag] of refused) {
    if (flag.includes('…')) continue
    const columns = /'(.*)'/.exec(flag)![1]!
    const reading = read(text, { columns })
    assert.equal(reading.refusal, undefined, `${what}: ${reading.refusal?.message}`)
    assert.equal(reading.counts.usable, 12, what)
  }
})

test('a told column that is not there, or is no time, is refused', () => {
  const text = lines('u{n},i{n},{r},1433221651', 'user,item,stars,when')
  assert.match(
    read(text, { columns: 'timestamp=wenn' }).refusal!.message,
    /no column is called wenn/,
  )
  assert.match(
    read(text, { columns: 'timestamp=stars' }).refusal!.message,
    /column stars holds no times/,
  )
  assert.equal(read(text, { columns: 'timestamp=when' }).refusal, undefined)
  assert.match(
    read(lines('u{n},i{n}'), { columns: 'user=1,item=7,timestamp=@line' }).refusal!.message,
    /7 among 2/,
  )
})

test('half in seconds and half in milliseconds: read row by row, and said', () => {
  const text = `${lines('u{n},i{n},1433221651', 'user,item,timestamp')}\n${lines('u{n},i{n},1433221651000')}`
  const reading = read(text)
  assert.equal(reading.unit, 'mixed')
  assert.ok(reading.warnings.some((warning) => warning.includes('--time-unit')))
  assert.deepEqual(new Set(reading.samples.map(({ timestamp }) => timestamp)), new Set([t0]))
})

test('actions that nothing maps come with the flag that would map them', () => {
  const text = `${lines('u{n},i{n},1433221651,view', 'user,item,time,event')}\n${lines('u{n},i{n},1433221651,transaction')}`
  const reading = read(text)
  assert.equal(reading.counts.usable, 0)
  const warning = reading.warnings.find((one) => one.includes('--actions'))
  assert.match(warning ?? '', /12 "view", 12 "transaction".*'view=skip,transaction=add,\*=skip'/)
  const mapped = read(text, { actions: 'view=skip,transaction=add,*=skip' })
  assert.deepEqual(mapped.counts, {
    read: 24,
    usable: 12,
    dead: {},
    skipped: { skipped_action: 12 },
  })
})

test('ratings that all count are told, and a floor leaves the low ones out', () => {
  const text = lines('u{n},i{n},{r},1433221651', 'user,item,rating,time')
  assert.ok(read(text).warnings.some((one) => one.includes('--rating-min 4')))
  const reading = read(text, { ratingMin: 4 })
  assert.deepEqual(reading.counts.skipped, { low_rating: 8 })
  assert.equal(reading.counts.usable, 4)
})
