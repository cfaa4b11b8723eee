// The forms of REDIS_URL, what is refused, and the names of keys.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keysOf } from '../../../src/adapters/redis/keys.ts'
import { parseRedisUrl } from '../../../src/adapters/redis/url.ts'
import { Failure } from '../../../src/errors.ts'
import { oddIds } from '../../contracts/positive-store.ts'

const plain = { tls: false, username: undefined, password: undefined, db: 0, masterName: undefined }

test('reads every way to run Redis', () => {
  assert.deepEqual(parseRedisUrl('redis://localhost'), {
    ...{ ...plain, kind: 'node', addresses: [{ host: 'localhost', port: 6379 }] },
  })
  assert.deepEqual(parseRedisUrl('rediss://ann:p%40s%2Fs@db.example:7000/3'), {
    ...{ ...plain, kind: 'node', tls: true, username: 'ann', password: 'p@s/s', db: 3 },
    addresses: [{ host: 'db.example', port: 7000 }],
  })
  assert.deepEqual(parseRedisUrl('redis://:secret@[::1]:7,b:8/'), {
    ...{ ...plain, kind: 'cluster', password: 'secret' },
    addresses: [
      { host: '::1', port: 7 },
      { host: 'b', port: 8 },
    ],
  })
  assert.deepEqual(parseRedisUrl('redis+sentinel://a,b:26380/main/2'), {
    ...{ ...plain, kind: 'sentinel', db: 2, masterName: 'main' },
    addresses: [
      { host: 'a', port: 26_379 },
      { host: 'b', port: 26_380 },
    ],
  })
})

test('refuses other texts without repeating them', () => {
  const texts = ['', 'localhost:6379', 'http://h', 'redis://', 'redis://h:0', 'redis://h:70000']
  const more = [
    'redis://h/x',
    'redis://h/1/2',
    'redis+sentinel://h',
    'redis://a,b/1',
    'redis://%zz:p@h',
  ]
  for (const text of [...texts, ...more].map((one) => one.replace('//h', '//u:hidden@h'))) {
    assert.throws(
      () => parseRedisUrl(text),
      (error) =>
        error instanceof Failure &&
        error.code === 'SETTINGS_INVALID' &&
        !error.message.includes('hidden'),
      text,
    )
  }
})

test('keys can be read back, and no two users share one', () => {
  const keys = keysOf('p:')
  const stems = new Set(['', ...oddIds].map((user) => keys.stem(user)))
  assert.equal(stems.size, oddIds.length + 1)
  for (const user of ['', ...oddIds, '%7B', '%257D']) {
    assert.deepEqual(keys.parse(`${keys.stem(user)}:r`), { user, side: 'r' })
    assert.match(keys.stem(user), /^p:\{[^{}]+\}$/)
  }
  for (const foreign of ['p:epoch', 'p:witness:{0}', 'q:{u}:a', 'p:{u}:b', 'p:{u}']) {
    assert.equal(keys.parse(foreign), undefined)
  }
})
