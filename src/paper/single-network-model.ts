// The preference of one network alone, as the paper has it. NBPR and a tower over the user have scores. The joint tower
// can only compare: an arriving item is ranked by how many others beat it, and lists come from Algorithm 1.

import type { Config } from '../config.ts'
import type { Moment, ScoreItems } from '../learn/part.ts'
import { isTotal, type Network } from '../ports/engine.ts'
import { listMax, type Preference } from '../rank/preference.ts'
import { copyOf } from '../rank/top-k.ts'
import { createNetworkRanker, createRanker } from './ranker.ts'

/** Challengers that a champion meets in one call of the engine. */
const blockMax = 64

export type RankingSettings = Pick<Config, 'exact' | 'order' | 'candidates'>

export function createSingleNetworkModel(network: Network, settings: RankingSettings): Preference {
  const candidates = settings.candidates === 'all' ? 0 : settings.candidates
  const longest = candidates === 0 ? listMax : Math.min(listMax, candidates - 1)
  const ranker = createRanker({
    kMax: longest,
    exact: settings.exact,
    order: settings.order === 'item' ? 'itemId' : 'anchor',
    candidates,
    blockMax,
  })
  const rank = createNetworkRanker(network, ranker)
  const total = isTotal(network.spec)

  const score: ScoreItems = total
    ? ({ users }, items, out) => network.score(users, items, out)
    : createAgainstFirst(network)
  let scores = new Float32Array(0)

  return {
    longest,
    names: ['model'],
    measure(moment, items) {
      if (scores.length !== items.length) scores = new Float32Array(items.length)
      score(moment, items, scores)
      return { columns: [scores] }
    },
    score,
    learn() {
      // The network learns its own output weights.
    },
    best(moment, n, k, excluded) {
      return copyOf(rank(moment.users, n, Math.min(k, longest), excluded, -1))
    },
    contributions: (_, items) => Array.from(items, () => ({})),
    weights: () => ({}),
    save: () => new Map(),
    restore() {
      // It has no state of its own; the network is saved as a part.
    },
  }
}

/**
 * out[x] = z(items[x] over items[0]) - z(items[0] over items[x]), out[0] = 0: above 0 where items[x] beats items[0].
 * The rank by these numbers is the pairwise count that the paper's authors judge by, with ties in the middle.
 */
function createAgainstFirst(network: Network) {
  let first = new Int32Array(0)
  let second = new Int32Array(0)
  let logits = new Float32Array(0)
  return (moment: Moment, items: Int32Array, out: Float32Array): void => {
    const others = items.length - 1
    if (first.length < 2 * others) {
      first = new Int32Array(2 * others)
      second = new Int32Array(2 * others)
      logits = new Float32Array(2 * others)
    }
    for (let x = 0; x < others; x++) {
      first[2 * x] = second[2 * x + 1] = items[x + 1]!
      second[2 * x] = first[2 * x + 1] = items[0]!
    }
    network.compare(moment.users, first, second, 2 * others, logits)
    out[0] = 0
    for (let x = 0; x < others; x++) out[x + 1] = logits[2 * x]! - logits[2 * x + 1]!
  }
}
