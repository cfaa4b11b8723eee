// The output layer over the parts, learned on the stream: eq. 26 with a live α. The weight of a feature is a sum of
// three: one for the length of the user's history, so that new users rely on what works for new users; one for the
// time since their newest positive, so that a session is read differently from a return after weeks; and one for both.
//
// Symbols: x_f(i) value of feature f for item i, a_f = w_f[length] + g_f[gap] + c_f[length, gap] its weight,
// s(i) = Σ_f a_f x_f(i). It learns once for each arriving event, before any part learns that event, so that no
// prediction knew its answer:
//   loss = mean over groups q of candidates of softplus(s(j_q) - s(i)), j_q the best scoring candidate of its group;
//   gradient for w, g and c only, Adagrad with one accumulator per weight.
// Most of this comes from events within a session, so a part may add a bias b_f for users who return after a while:
// their items are ranked by a_f + b_f, and the weights learn by a_f. This keeps old tastes, which the next event seldom
// asks for. For new users every candidate is a negative of its own: where little is known the item is seldom near the
// top, and no model could have told it from the hardest candidate of a group.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { Moment, Part } from '../part.ts'
import { createHardestPairs } from './hardest-pairs.ts'
import { createWeightSets, type WeightOptions } from './weight-sets.ts'

export interface FusionOptions extends WeightOptions {
  /** Candidates in a group. */
  readonly choices: number
  /** Histories shorter than this learn from all candidates. */
  readonly newUserLength: number
}

/** The scores of n items for a user at a moment, with what they are made of. */
export interface FusedScores {
  /** (n) */
  items: Int32Array
  /** (n) scores[x] = s(items[x]) */
  scores: Float32Array
  /** features[f·n + x] = x_f(items[x]) */
  features: Float32Array
  /** a_f, with b_f for a returning user. */
  weights: Float32Array
  isReturning: boolean
}

export interface Fusion {
  readonly features: readonly string[]
  /**
   * Room for scores, which score() fills: they stay valid as long as the caller does not pass them to score() again.
   */
  createScores(): FusedScores
  /** Scores the items and writes all that the scores are made of into `into`. */
  score(moment: Moment, items: Int32Array, into: FusedScores): void
  /** sums[i] = s(i) for items i < n: as score() of the whole catalogue, without the features. */
  scoreAll(moment: Moment, n: number, sums: Float32Array): void
  /** out[x] = what part p contributed to the score of items[x]. */
  contribution(of: FusedScores, part: number, out: Float32Array): void
  /**
   * -1 for a part of one feature whose weight is below zero, because there it corrects the others: the order it gives
   * by itself is the opposite of its contribution. 1 otherwise.
   */
  signOf(of: FusedScores, part: number): -1 | 1
  /**
   * Learns from the positive items[0] against groups of the candidates items[1…], -1 marks none. `of` are the scores
   * at this moment. Returns the loss.
   */
  learn(moment: Moment, of: FusedScores): number
  /** a_f, with b_f for a returning user, for every feature at this moment. Valid until the next call. */
  weights(moment: Moment): Float32Array
  /** a_f averaged over the events learned. */
  meanWeights(): Float32Array
  save(): ReadonlyMap<string, Tensor>
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

export function createFusion(parts: readonly Part[], options: FusionOptions): Fusion {
  const features = parts.flatMap((part) => part.features)
  const width = features.length
  const start = parts.flatMap((part) => part.start)
  const sets = createWeightSets(start, parts.flatMap(returningUserBiasOf), options)
  const pairs = createHardestPairs()
  const offsets = offsetsOf(parts)
  const gradient = new Float32Array(width)
  /** Σ a_f over the events learned, and their number. */
  const sums = new Float64Array(width + 1)
  let plainScores = new Float32Array(0)

  function score(moment: Moment, items: Int32Array, into: FusedScores): void {
    const n = items.length
    if (into.scores.length !== n) {
      into.items = new Int32Array(n)
      into.scores = new Float32Array(n)
      into.features = new Float32Array(width * n)
    }
    into.items.set(items)
    for (let p = 0; p < parts.length; p++) {
      parts[p]!.score(moment, items, into.features, offsets[p]!)
    }
    into.weights.set(sets.weigh(moment, true))
    into.isReturning = sets.isReturning(moment)
    weighedSum(into.features, into.weights, into.scores)
  }

  function learn(moment: Moment, of: FusedScores): number {
    const weights = sets.weigh(moment, false)
    let { scores } = of
    if (of.isReturning) {
      if (plainScores.length !== scores.length) plainScores = new Float32Array(scores.length)
      weighedSum(of.features, weights, plainScores)
      scores = plainScores
    }
    for (let f = 0; f < width; f++) sums[f]! += weights[f]!
    sums[width]!++
    const isNew = moment.users.historyLength[0]! < options.newUserLength
    const loss = pairs.learn(of.items, scores, of.features, isNew ? 1 : options.choices, gradient)
    sets.adapt(moment, gradient)
    return loss
  }

  return {
    features,
    createScores: () => ({
      items: new Int32Array(0),
      scores: new Float32Array(0),
      features: new Float32Array(0),
      weights: new Float32Array(width),
      isReturning: false,
    }),
    score,
    scoreAll(moment, n, sums) {
      const weights = sets.weigh(moment, true)
      sums.fill(0, 0, n)
      parts.forEach((part, p) => {
        const own = weights.subarray(offsets[p]!, offsets[p]! + part.features.length)
        if (part.addAll !== undefined) part.addAll(moment, n, own, sums)
        else addScored(part, moment, n, own, sums)
      })
    },
    contribution(of, part, out) {
      const n = of.items.length
      out.fill(0, 0, n)
      const end = offsets[part]! + parts[part]!.features.length
      for (let f = offsets[part]!; f < end; f++) addFeature(of.features, f, n, of.weights[f]!, out)
    },
    signOf(of, part) {
      const isOne = parts[part]!.features.length === 1
      return isOne && of.weights[offsets[part]!]! < 0 ? -1 : 1
    },
    learn,
    weights: (moment) => sets.weigh(moment, true),
    meanWeights: () =>
      Float32Array.from(start, (first, f) => (sums[width] ? sums[f]! / sums[width]! : first)),
    save: () =>
      new Map<string, Tensor>([
        ...sets.save(),
        ['fusion.sums', { shape: [width + 1], data: sums.slice() }],
      ]),
    restore(tensors) {
      sets.restore(tensors)
      sums.set(tensors.get('fusion.sums')?.data ?? [])
    },
  }
}

/** The number of each part's first feature. */
function offsetsOf(parts: readonly Part[]): number[] {
  let offset = 0
  return parts.map((part) => {
    offset += part.features.length
    return offset - part.features.length
  })
}

function returningUserBiasOf({ returningUserBias, start }: Part): readonly number[] {
  return returningUserBias ?? start.map(() => 0)
}

/** out[x] = Σ_f weights[f] · features[f·n + x], n = out.length. */
function weighedSum(features: Float32Array, weights: Float32Array, out: Float32Array): void {
  const n = out.length
  out.fill(0)
  for (let f = 0; f < weights.length; f++) {
    if (weights[f] !== 0) addFeature(features, f, n, weights[f]!, out)
  }
}

/** out[x] += weight · features[f·n + x] for x < n. */
function addFeature(
  features: Float32Array,
  f: number,
  n: number,
  weight: number,
  out: Float32Array,
): void {
  const from = f * n
  for (let x = 0; x < n; x++) out[x]! += weight * features[from + x]!
}

/** sums[i] += Σ_f weights[f] · feature f of item i, for a part without addAll(). */
function addScored(
  part: Part,
  moment: Moment,
  n: number,
  weights: Float32Array,
  sums: Float32Array,
): void {
  const items = Int32Array.from({ length: n }, (_, item) => item)
  const scores = new Float32Array(n * weights.length)
  part.score(moment, items, scores, 0)
  weights.forEach((weight, f) => {
    for (let i = 0; i < n; i++) sums[i]! += weight * scores[f * n + i]!
  })
}
