// The fused score of the whole catalogue, part by part into one sum, is the score of each item.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { createFusion } from '../../../src/learn/fusion/fusion.ts'
import { trackChanges } from '../../../src/learn/network/tracked-network.ts'
import type { Part } from '../../../src/learn/part.ts'
import { createFreshness } from '../../../src/learn/parts/freshness.ts'
import { createMatch } from '../../../src/learn/parts/match/match.ts'
import { createNeighbours } from '../../../src/learn/parts/neighbours.ts'
import { createNetworkPart } from '../../../src/learn/parts/network-part.ts'
import { createTrend } from '../../../src/learn/parts/trend.ts'
import { historySpec, numbers } from '../../contracts/engine-worlds.ts'
import { momentOf } from '../moments.ts'

const items = 70

for (const engine of [createArraysEngine(), createWasmEngine()]) {
  test(`${engine.name}: scoreAll of the fused parts is score of every item, known to a part or not`, () => {
    const network = engine.create(historySpec({ factors: 6, noise: 0.3 }), 1)
    network.grow(1, items)
    const trend = createTrend([100, 1_000], engine.catalogue?.())
    const neighbours = createNeighbours({
      ...{ window: 5, lagEnds: [1, 3], hasLargest: true, hasNext: true, neighboursPerItemMax: 20 },
    })
    const { addAll: _, ...byScore } = createTrend([50])
    const more: Part = { ...byScore, name: 'more', features: ['more'] }
    const counted = [createMatch(engine.catalogue?.()), createFreshness(engine.catalogue?.())]
    const parts = [
      createNetworkPart(trackChanges(network), 0.6),
      neighbours,
      trend,
      more,
      ...counted,
    ]
    const options = {
      ...{ rate: 0.1, accumulator: 0.1, choices: 2, newUserLength: 5, awaySeconds: 600 },
    }
    const fusion = createFusion(parts, options)
    const next = numbers(8)
    const history: number[] = []
    for (let e = 0; e < 300; e++) {
      const item = Math.floor(items * 0.8 * next())
      const draw = Array.from({ length: 5 }, (_, x) => (x ? Math.floor(next() * items) : item))
      const scores = fusion.createScores()
      fusion.score(momentOf(history), Int32Array.from(draw), scores)
      fusion.learn(momentOf(history), scores)
      for (const part of parts) part.observe(momentOf(history), item)
      if (!history.includes(item)) history.unshift(item)
      history.length = Math.min(history.length, 9)
    }
    for (const own of [history, history.slice(2), []]) {
      for (const n of [items, 31, 1]) {
        const [sums, fused] = [new Float32Array(n), fusion.createScores()]
        fusion.scoreAll(momentOf(own), n, sums)
        const all = Int32Array.from({ length: n }, (_, item) => item)
        fusion.score(momentOf(own), all, fused)
        const { scores } = fused
        assert.ok(new Set(scores).size > n / 2)
        scores.forEach((score, item) => {
          assert.ok(Math.abs(sums[item]! - score) < 3e-6 * (1 + Math.abs(score)), `${item}`)
        })
      }
    }
  })
}
