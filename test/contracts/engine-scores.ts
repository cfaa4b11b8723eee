// What the port asks of scoreAll: the numbers of score(), for all items at once, weighed and onto a sum.

import { strict as assert } from 'node:assert'
import type { DrawBatch, Network } from '../../src/ports/engine.ts'

export function scoresAll(network: Network, batch: DrawBatch, items: number): void {
  const all = Int32Array.from({ length: items }, (_, item) => item)
  const scores = new Float32Array(batch.count * items)
  network.score(batch, all, scores)
  assert.throws(() => network.scoreAll(batch, items + 1), RangeError)
  assert.throws(() => network.scoreAll({ ...batch, count: 0 }, 1), RangeError)
  for (const n of [1, items - 6, items]) {
    const onto = Float32Array.from({ length: n }, (_, item) => item / 7)
    const plain = network.scoreAll(batch, n).slice()
    const sums = network.scoreAll(batch, n, 0.3, onto).slice()
    assert.deepEqual([plain.length, sums.length], [n, n])
    for (let i = 0; i < n; i++) {
      const score = scores[i]!
      assert.ok(Math.abs(plain[i]! - score) < 1e-6 * (1 + Math.abs(score)), `${plain[i]} ${score}`)
      const sum = 0.3 * score + onto[i]!
      assert.ok(Math.abs(sums[i]! - sum) < 1e-6 * (1 + Math.abs(sum)), `${sums[i]} ${sum}`)
    }
  }
}
