// The output layer over the parts, learned on the stream: eq. 26 with a live α. The weight of a feature is a sum of
// three: one for the length of the user's history, so that new users rely on what works for new users; one for the
// time since their newest positive, so that a session is read differently from a return after weeks; and one for both.
//
// Symbols: x_f(i) value of feature f for item i, d_f its deviation, 1 for the scores of networks,
// α_f = w_f[length] + g_f[gap] + c_f[length, gap] its weight in units of d_f, a_f = α_f / d_f its weight,
// s(i) = Σ_f a_f x_f(i). It learns once for each arriving event, before any part learns that event, so that no
// prediction knew its answer:
//   loss = mean over groups q of candidates of softplus(s(j_q) - s(i)), j_q the best scoring candidate of its group;
//   gradient for w, g and c only, Adagrad with one accumulator per weight.
// Most of this comes from events within a session, so a part may add a bias b_f for users who return after a while,
// and more where they have a long history: their items are ranked by a_f + b_f, and the weights learn by a_f. This
// keeps old tastes, which the next event seldom asks for. For new users every candidate is a negative of its own: the
// item is seldom near the top then, and no model could have told it from the hardest candidate of a group.
//
// With a hidden layer items are ranked by Σ_f c_f x_f(i) and what its units add (hidden-layer.ts), and that sum finds
// those that are worth it. c_f is made like a_f and begins as a_f does, but learns by the layer's loss.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { FeatureSums } from '../../ports/scoring.ts'
import type { Moment, Part } from '../part.ts'
import { columnsOf, namesTensor } from './feature-names.ts'
import {
  addAllOf,
  createPlainSums,
  emptyScores,
  endsOf,
  type FusedScores,
  makeRoom,
  weighFeatures,
} from './fused-scores.ts'
import { createHardestPairs } from './hardest-pairs.ts'
import type { HiddenLayer } from './hidden-layer.ts'
import { biasesOf, createDeviations, createWeightSets, type WeightOptions } from './weight-sets.ts'

export interface FusionOptions extends WeightOptions {
  /** Candidates in a group. */
  readonly choices: number
  /** Histories shorter than this learn from all candidates. */
  readonly newUserLength: number
}

export interface Fusion {
  readonly features: readonly string[]
  /** What bends the scores, if anything does. */
  readonly hidden: HiddenLayer | undefined
  /**
   * Room for scores, which score() fills: they stay valid as long as the caller does not pass them to score() again.
   */
  createScores(): FusedScores
  /** Scores the items and writes all that the scores are made of into `into`. */
  score(moment: Moment, items: Int32Array, into: FusedScores): void
  /** sums[i] = Σ_f listed[f] · feature f of items i < n, `listed` as weights() gives them. */
  scoreAll(moment: Moment, n: number, sums: Float32Array): void
  /**
   * As score(). Returns for each part the order that it gives by itself, and the linear score without it. The first is
   * what the part contributed, but for a part of one feature whose weight is below zero, because there it corrects the
   * others: then it is the opposite. Valid until the next score().
   */
  scoreParts(moment: Moment, items: Int32Array, into: FusedScores): readonly Float32Array[]
  /** out[x] = what part p contributed to the linear score of items[x]; `by`: or to the sum by these weights. */
  contribution(of: FusedScores, part: number, out: Float32Array, by?: Float32Array): void
  /**
   * Learns from the positive items[0] against groups of the candidates items[1…], -1 marks none. `of` are the scores
   * at this moment, and the step is `weight` times a whole one. Returns the loss.
   */
  learn(moment: Moment, of: FusedScores, weight?: number): number
  /** What items of lists are found by: c_f, with b_f for a returning user; without a layer a_f. Until the next call. */
  weights(moment: Moment): Float32Array
  /** a_f averaged over the events learned. */
  meanWeights(): Float32Array
  /** Views of the output weights: what is written there is weighed with. */
  tensors(): ReadonlyMap<string, Tensor>
  save(): ReadonlyMap<string, Tensor>
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

const directName = 'fusion.direct'

/** `hidden`: a layer over the features of the parts. `faster`: sums over them, where an engine has such. */
export function createFusion(
  parts: readonly Part[],
  options: FusionOptions,
  hidden?: HiddenLayer,
  faster?: FeatureSums,
): Fusion {
  const names = parts.flatMap((part) => part.features)
  const width = names.length
  const start = parts.flatMap((part) => part.start)
  const deviations = createDeviations(parts)
  const biases = biasesOf(parts)
  const sets = createWeightSets('fusion', start, biases, deviations.all, options)
  const direct =
    hidden &&
    createWeightSets(directName, start, biases, deviations.all, {
      ...options,
      rate: hidden.rate,
    })
  const listed = direct ?? sets
  const pairs = createHardestPairs()
  const ends = endsOf(parts)
  const offsets = parts.map((part, p) => ends[p]! - part.features.length)
  const features = hidden?.sums ?? faster ?? createPlainSums(width)
  const gradient = new Float32Array(width)
  const directGradient = new Float32Array(width)
  /** Sums without the biases for returning users. */
  const unbiased = emptyScores(0, true)
  /** Σ a_f over the events learned, and their number. */
  const sums = new Float64Array(width + 1)

  function score(moment: Moment, items: Int32Array, into: FusedScores): void {
    makeRoom(into, items.length)
    into.items.set(items)
    for (let p = 0; p < parts.length; p++) {
      parts[p]!.score(moment, items, into.features, offsets[p]!)
    }
    into.weights.set(sets.weigh(moment, true))
    into.isReturning = sets.isReturning(moment)
    features.put(into.features, items.length)
    features.weigh(into.weights, into.linear)
    if (hidden === undefined || direct === undefined) return
    into.direct.set(direct.weigh(moment, true))
    features.weigh(into.direct, into.scores)
    hidden.add(moment, into.scores)
  }

  function scoreParts(moment: Moment, items: Int32Array, into: FusedScores) {
    score(moment, items, into)
    const columns = features.weighParts(ends, into.weights, into.linear)
    for (let p = 0; p < parts.length; p++) {
      if (parts[p]!.features.length > 1 || !(into.weights[offsets[p]!]! < 0)) continue
      const own = columns[2 * p]!
      for (let x = 0; x < own.length; x++) own[x] = -own[x]!
    }
    return columns
  }

  function learn(moment: Moment, of: FusedScores, weight = 1): number {
    const n = of.items.length
    makeRoom(unbiased, n)
    features.put(of.features, n)
    const weights = sets.weigh(moment, false)
    if (of.isReturning) features.weigh(weights, unbiased.linear)
    const scores = of.isReturning ? unbiased.linear : of.linear
    const taught = slopesOfLayer(moment, of, weight)
    for (let f = 0; f < width; f++) sums[f]! += weights[f]!
    sums[width]!++
    const isNew = moment.users.historyLength[0]! < options.newUserLength
    const loss = pairs.learn(of.items, scores, features, isNew ? 1 : options.choices, gradient)
    // First: a step in units of a deviation that has not seen this event yet may be a thousand times too long.
    deviations.learn(features, n)
    sets.adapt(moment, gradient, weight)
    if (taught) direct?.adapt(moment, directGradient, weight)
    return loss
  }

  /** The hidden layer learns; false where there is none, or nothing to learn. */
  function slopesOfLayer(moment: Moment, of: FusedScores, weight: number): boolean {
    if (hidden === undefined || direct === undefined) return false
    features.weigh(direct.weigh(moment, false), unbiased.scores)
    const slopes = hidden.learn(moment, of.items, unbiased.scores, weight)
    if (slopes === undefined) return false
    features.slopes(slopes, directGradient)
    return true
  }

  return {
    features: names,
    createScores: () => emptyScores(width, hidden !== undefined),
    score,
    scoreParts,
    scoreAll(moment, n, sums) {
      const weights = listed.weigh(moment, true)
      sums.fill(0, 0, n)
      parts.forEach((part, p) => {
        addAllOf(part, moment, n, weights.subarray(offsets[p]!, ends[p]!), sums)
      })
    },
    contribution(of, part, out, by = of.weights) {
      weighFeatures(of.features, of.items.length, by, offsets[part]!, ends[part]!, out)
    },
    learn,
    weights: (moment) => listed.weigh(moment, true),
    meanWeights: () =>
      Float32Array.from(start, (first, f) => (sums[width] ? sums[f]! / sums[width]! : first)),
    hidden,
    tensors: () => new Map([sets, direct, hidden].flatMap((one) => one?.tensors() ?? [])),
    save: () =>
      new Map<string, Tensor>([
        ...sets.save(),
        ['fusion.sums', { shape: [width + 1], data: sums.slice() }],
        ['fusion.features', namesTensor(names)],
        ['fusion.deviations', deviations.save()],
        ...(direct?.save() ?? []),
        ...(hidden?.save() ?? []),
      ]),
    restore(tensors) {
      const saved = tensors.get('fusion.sums')
      if (saved === undefined) return
      const before = saved.data.length - 1
      const columns = columnsOf(names, tensors.get('fusion.features'))
      const spread = tensors.get('fusion.deviations')
      sums[width] = saved.data[before]!
      columns.forEach((column, f) => {
        // A feature that is new has had its first weight all the time.
        sums[f] = column < 0 ? start[f]! * sums[width]! : saved.data[column]!
        if (column >= 0 && spread !== undefined) deviations.restore(spread, f, column)
      })
      sets.restore(tensors, columns)
      // A layer that is new, or of a version without weights of its own, goes on from the others.
      direct?.restore(
        tensors,
        columns,
        tensors.has(`${directName}.weights`) ? directName : 'fusion',
      )
      hidden?.restore(tensors, columns, before)
    },
  }
}
