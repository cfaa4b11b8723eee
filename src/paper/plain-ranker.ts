// PairwiseRanker by plain comparisons, for networks that offer nothing faster.

import type { PairwiseRanker } from '../ports/engine.ts'
import { type Compare, createAlgorithm1 } from './algorithm-1.ts'

/** Items per call of `compare`: enough to amortize a call, small enough for a cache. */
const chunk = 1_024

export interface PlainPairwiseRankers {
  /** The user of `compare` against anyone; valid until the next call. */
  of(compare: Compare): PairwiseRanker
  /** K passes over the order, instead of the stack of champions: the same lists. */
  literal(order: Int32Array, m: number, k: number, compare: Compare, out: Int32Array): number
  /** Pairs compared by literal() since creation. */
  readonly passed: number
}

/** `blockMax`: see createAlgorithm1. */
export function createPlainPairwiseRankers(blockMax: number): PlainPairwiseRankers {
  const algorithm = createAlgorithm1({ blockMax })
  const first = new Int32Array(2 * chunk)
  const second = new Int32Array(2 * chunk)
  const z = new Float32Array(2 * chunk)
  let passed = 0

  function of(compare: Compare): PairwiseRanker {
    let compared = 0
    return {
      compareWith(r, items, count, forward, reverse) {
        const ways = reverse === undefined ? 1 : 2
        for (let begin = 0; begin < count; begin += chunk) {
          const some = Math.min(chunk, count - begin)
          for (let x = 0; x < some; x++) {
            const item = items[begin + x]!
            first[ways * x] = item
            second[ways * x] = r
            if (reverse === undefined) continue
            first[2 * x + 1] = r
            second[2 * x + 1] = item
          }
          compare(first, second, ways * some, z)
          for (let x = 0; x < some; x++) {
            forward[begin + x] = z[ways * x]!
            if (reverse !== undefined) reverse[begin + x] = z[2 * x + 1]!
          }
        }
      },
      pickBest(order, m, k, out) {
        const before = algorithm.comparisons()
        const found = algorithm.resume(order, m, k, compare, out)
        compared = algorithm.comparisons() - before
        return found
      },
      get compared() {
        return compared
      },
    }
  }

  return {
    of,
    literal(order, m, k, compare, out) {
      const before = algorithm.comparisons()
      const found = algorithm.literal(order, m, k, compare, out)
      passed += algorithm.comparisons() - before
      return found
    },
    get passed() {
      return passed
    },
  }
}
