// Dropout by a hash: as many as asked, scaled so that the mean stays, other places for other keys and stages.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dropoutFor, keptAt } from '../../../src/learn/windows/dropout.ts'

const places = Array.from({ length: 20_000 }, (_, place) => place)

test('a share of the rate is dropped and the rest is scaled up', () => {
  for (const rate of [0, 0.1, 0.2, 0.5, 0.9]) {
    const dropout = dropoutFor(rate, 77, 'query')
    const kept = places.map((place) => keptAt(dropout, place))
    const share = kept.filter((factor) => factor === 0).length / places.length
    assert.ok(Math.abs(share - rate) < 0.015, `${share} for ${rate}`)
    assert.ok(kept.every((factor) => factor === 0 || factor === 1 / (1 - rate)))
  }
})

test('keys and stages drop independently', () => {
  const first = dropoutFor(0.5, 77, 'query')
  for (const other of [dropoutFor(0.5, 78, 'query'), dropoutFor(0.5, 77, 'items')]) {
    const same = places.filter((place) => keptAt(first, place) === keptAt(other, place))
    assert.ok(Math.abs(same.length / places.length - 0.5) < 0.015)
  }
})
