// What the output weights learn from one moment: the item that arrived beside the hardest candidate of each group, and
// how strongly each such pair pulls.
//
// Symbols: s(i) the score of the item that arrived, j_q the best scoring candidate of group q, z = s(i) - s(j_q); the
// pull of a pair is σ(-z) over the number of groups.

import type { FeatureSums } from '../../ports/scoring.ts'

/** Up to here the product of a loss's 1 + e^-|z| stays a double. */
const productMax = 2 ** 1000

export interface HardestPairs {
  /**
   * Takes items[0] against the groups of `choices` candidates behind it; -1 marks none. `features`: the sums over
   * theirs. Sets gradient[f] = Σ_q pull_q · (x_f(i) - x_f(j_q)) and returns the mean of softplus(-z) over the groups,
   * where a group without candidates counts as 0.
   */
  learn(
    items: Int32Array,
    scores: Float32Array,
    features: FeatureSums,
    choices: number,
    gradient: Float32Array,
  ): number
}

export function createHardestPairs(): HardestPairs {
  let count = 0
  let hardest = new Int32Array(64)
  let pulls = new Float64Array(64)

  /** Fills `hardest` and `pulls` with `count` pairs and returns the loss. */
  function choose(items: Int32Array, scores: Float32Array, choices: number): number {
    const groups = Math.floor((items.length - 1) / choices)
    if (pulls.length < groups) {
      pulls = new Float64Array(groups)
      hardest = new Int32Array(groups)
    }
    // Looked up once: a variable that a closure may replace is read again in every pass of a loop.
    const [js, by] = [hardest, pulls]
    const own = scores[0]!
    // Σ ln(1 + e) over the groups is the logarithm of a product, as long as a double holds it.
    let product = 1
    let loss = 0
    let found = 0
    for (let q = 0; q < groups; q++) {
      const first = 1 + q * choices
      let j = -1
      let most = 0
      for (let x = first; x < first + choices; x++) {
        const score = scores[x]!
        if (items[x]! < 0 || !(j < 0 || score > most)) continue
        j = x
        most = score
      }
      if (j < 0) continue
      const z = own - most
      const e = Math.exp(-Math.abs(z))
      if (product > productMax) {
        loss += Math.log(product)
        product = 1
      }
      product *= 1 + e
      loss += Math.max(-z, 0)
      js[found] = j
      by[found++] = (z < 0 ? 1 : e) / (groups * (1 + e))
    }
    count = found
    return (loss + Math.log(product)) / groups
  }

  return {
    learn(items, scores, features, choices, gradient) {
      const loss = choose(items, scores, choices)
      features.pulls(hardest, pulls, count, gradient)
      return loss
    },
  }
}
