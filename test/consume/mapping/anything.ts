// Values, paths and settings of any kind, for the mappings to be tried with.

import fc from 'fast-check'
import { shapeNames } from '../../../src/settings/mapping.ts'

export const names = fc.constantFrom(
  ...[
    'user',
    'userId',
    'user_id',
    'item',
    'items',
    'item_id',
    'product_id',
    'timestamp',
    'ts',
    'event',
  ],
  ...[
    'time',
    'type',
    'event_name',
    'events',
    'aid',
    'session',
    'data',
    'payload',
    'before',
    'after',
  ],
  ...['op', 'properties', 'products', 'rating', 'action', '__proto__', 'constructor', 'x.y'],
)
export const instants = fc.oneof(
  fc.constantFrom<unknown>(
    0,
    4,
    -1,
    1433221651,
    1433221651e3,
    1433221651e6,
    1433221651e9,
    20150602,
  ),
  fc.constantFrom<unknown>('2015-06-02', '1.4E+12', 'Tue Jun 02 05:07:31 +0000 2015', '15/06', ''),
  fc.double(),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((value) => Number(value)),
)
const leaf = fc.oneof(
  instants,
  fc.string(),
  fc.constantFrom('ADD', 'd', 'track', 'u1'),
  fc.constant(null),
)
const { value: event } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(names, tie('value'), { maxKeys: 8 }),
  ),
}))
export const object = fc.dictionary(names, event, { maxKeys: 8 })

export const path = fc
  .array(
    fc.tuple(
      fc.constantFrom('user', 'item', 'items', 'data', 'ts', 'x'),
      fc.constantFrom('', '[]', '[0]'),
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((steps) => steps.map(([name, end]) => name + end).join('.'))
const column = fc.oneof(path, fc.constantFrom('@key', '@timestamp', '@header.h', '@key.id', '2'))

export const settings = fc.record({
  shape: fc.constantFrom('none' as const, ...shapeNames),
  columns: fc.oneof(
    fc.constant(''),
    fc.tuple(column, column, column).map(([u, i, t]) => `user=${u},item=${i},timestamp=${t}`),
  ),
  actions: fc.constantFrom('', 'ADD=skip,*=add', 'view=remove,*=skip'),
  ratingMin: fc.constantFrom('any' as const, 4),
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', '-03:30'),
  timeFormat: fc.constantFrom('', 'yyyyMMdd', '%d/%m/%Y'),
})
