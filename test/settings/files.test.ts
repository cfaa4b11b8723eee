// The settings of reading files, as a person writes them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../src/config.ts'
import { Failure } from '../../src/errors.ts'

test('speed is a factor, with or without its x', () => {
  const speedOf = (speed: unknown): number => readConfig({ flags: { speed }, env: {} }).config.speed
  assert.equal(speedOf('3600x'), 3600)
  assert.equal(speedOf('0.5'), 0.5)
  assert.equal(speedOf(60), 60)
  for (const bad of ['x', '-1x', '1e3', '', '10 x']) {
    assert.throws(
      () => speedOf(bad),
      (error) => error instanceof Failure && error.message.includes('3600x'),
      bad,
    )
  }
})

test('an unknown format is refused with the known ones', () => {
  assert.throws(
    () => readConfig({ flags: {}, env: { NEUPR_FORMAT: 'xml' } }),
    /NEUPR_FORMAT.*auto \| ndjson \| json \| tsv \| csv \| movielens \| spaces/,
  )
})
