// Text files as they are published: a few lines of each, and what is to be made of them.

import { readCells } from '../../../src/consume/mapping/detect/read-cells.ts'
import type { Reading } from '../../../src/consume/mapping/detect/reading.ts'
import {
  type MappingSettings,
  mappingDefaults,
  parseMapping,
} from '../../../src/consume/mapping/spec/spec.ts'

const latest = Date.UTC(2026, 10, 1)
export const t0 = 1_433_221_651_000

export function read(text: string, more: Partial<MappingSettings> = {}, separator = ','): Reading {
  const spec = parseMapping({ ...mappingDefaults, ...more })
  return readCells(
    text.split('\n').map((line) => line.split(separator)),
    spec,
    latest,
  )
}

/** The same line again and again, with a counter where {n} stands: users and items differ, as they do. */
export function lines(template: string, header = '', count = 12): string {
  const rows = Array.from({ length: count }, (_, n) =>
    template.replaceAll('{n}', String(10 + ((n * 7) % 13))).replaceAll('{r}', String(1 + (n % 5))),
  )
  return (header === '' ? rows : [header, ...rows]).join('\n')
}

export const accepted: readonly (readonly [
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

export const refused: readonly (readonly [
  what: string,
  text: string,
  says: RegExp,
  flag: string,
])[] = [
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
    /no column has a name like a time/,
    "--columns 'user=UserID,item=ItemID,timestamp=@line,rating=Rating'",
  ],
  [
    'names nobody knows',
    lines('k{n},a{n},2015-06-02', 'kunde,artikel,zeit'),
    /no column has a name like a user or an item or a time/,
    "--columns 'user=kunde,item=artikel,timestamp=zeit'",
  ],
  [
    'Amazon 2018, items first',
    lines('B0000000{n},A00000000000{n},4.5,1433221651'),
    /column 1 holds ids of items/,
    "--columns 'user=2,item=1,timestamp=4,rating=3'",
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
