// Parts whose features are a formula, for the tests of the output layer.

import type { FusedScores } from '../../../src/learn/fusion/fused-scores.ts'
import { createFusion, type Fusion } from '../../../src/learn/fusion/fusion.ts'
import type { Moment, Part } from '../../../src/learn/part.ts'

export const negatives = 3
export const choices = 2
export const values = (f: number, item: number) => Math.sin(1 + 7 * f + 3 * item) + 0.2 * f

/** Parts whose features are a formula. */
export const parts: Part[] = [1, 2].map((count, p) => ({
  name: `part${p}`,
  features: Array.from({ length: count }, (_, k) => `f${p + k}`),
  start: Array.from({ length: count }, (_, k) => 0.3 + 0.2 * (p + k)),
  score(_moment, items, out, offset) {
    for (let k = 0; k < count; k++) {
      items.forEach((item, x) => {
        out[(offset + k) * items.length + x] = item < 0 ? 0 : values(p + k, item)
      })
    }
  },
  observe() {},
  bytes: 0,
  state: { live: [], rest: () => new Map() },
  restore() {},
}))

export function open(rate = 0.05, of = parts): Fusion {
  return createFusion(of, {
    rate,
    accumulator: 0.1,
    choices,
    newUserLength: 2,
    awaySeconds: 600,
  })
}

export const items = Int32Array.of(2, 5, 9, 11, -1, -1, -1)

export function scored(fusion: Fusion, moment: Moment, of: Int32Array): FusedScores {
  const scores = fusion.createScores()
  fusion.score(moment, of, scores)
  return scores
}

export const learn = (fusion: Fusion, moment: Moment, of: Int32Array) =>
  fusion.learn(moment, scored(fusion, moment, of))
