// The output layer over the parts, learned on the stream: eq. 26 with a live α. The weight of a feature is a sum of
// three: one for the length of the user's history, so that new users lean on what works for new users, one for the
// time since their newest positive, so that a session is read otherwise than a return after weeks, and one for both.
//
// Symbols: x_f(i) value of feature f for item i, a_f = w_f[length] + g_f[gap] + c_f[length, gap] its weight,
// s(i) = Σ_f a_f x_f(i). Learning: once per arriving event, before any part learns it, so that every prediction was
// honest when made:
//   loss = mean over groups q of candidates of softplus(s(j_q) - s(i)), j_q the best scoring of its group;
//   gradient for w, g and c only, Adagrad with one accumulator per weight.
// What comes next within a session teaches most of it, so for users who have been away a part may add a lean b_f: items
// are ranked by a_f + b_f and the weights learn by a_f. It keeps old tastes, which the next event asks for seldom.
// For new users every candidate is a negative of its own: where little is known the item is seldom near the top, and
// the hardest of a group are items that nobody could have told from it.

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

export interface Fusion {
  readonly features: readonly string[]
  /** out[x] = s(items[x]); the features stay readable until the next call. */
  score(moment: Moment, items: Int32Array, out: Float32Array): void
  /** sums[i] = s(i) for items i < n: as score() of the whole catalogue, without the features. */
  scoreAll(moment: Moment, n: number, sums: Float32Array): void
  /** After score() of n items: out[x] = what part p gave to items[x]. */
  gave(moment: Moment, part: number, n: number, out: Float32Array): void
  /**
   * After gave(): -1 for a part of one feature whose weight is below zero, since it corrects the others there; what it
   * says by itself is the opposite of what it gave. 1 otherwise.
   */
  signOf(part: number): -1 | 1
  /**
   * Learns from the positive items[0] against groups of candidates items[1…]; -1 marks none. `scored`: the last call
   * was score() of these items at this moment, so that the parts need not be asked again. Returns the loss.
   */
  learn(moment: Moment, items: Int32Array, scored?: boolean): number
  /** a_f, with b_f for who has been away, for every feature at this moment. Valid until the next call. */
  weights(moment: Moment): Float32Array
  /** a_f meaned over the events learned. */
  meanWeights(): Float32Array
  save(): ReadonlyMap<string, Tensor>
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

export function createFusion(parts: readonly Part[], options: FusionOptions): Fusion {
  const features = parts.flatMap((part) => part.features)
  const width = features.length
  const start = parts.flatMap((part) => part.start)
  const lean = parts.flatMap((part) => part.lean ?? part.start.map(() => 0))
  const sets = createWeightSets(start, lean, options)
  const { weights } = sets
  const pairs = createHardestPairs()
  const sums = new Float64Array(width + 1)
  const offsets: number[] = []
  let offset = 0
  for (const part of parts) {
    offsets.push(offset)
    offset += part.features.length
  }
  let values = new Float32Array(width * 128)
  const gradient = new Float32Array(width)
  let scores = new Float32Array(128)
  /** `scores` are those of the last call of score(), and no lean is in them. */
  let areLearnable = false

  /** Fills `values` with what the parts say of the items. */
  function ask(moment: Moment, items: Int32Array): void {
    const n = items.length
    if (values.length < width * n) values = new Float32Array(width * n)
    for (let p = 0; p < parts.length; p++) parts[p]!.score(moment, items, values, offsets[p]!)
  }

  /** out[x] = the weighed sum of what stands in `values` for the x-th of n items. */
  function sum(n: number, out: Float32Array): void {
    out.fill(0, 0, n)
    for (let f = 0; f < width; f++) if (weights[f] !== 0) addFeature(f, n, out)
  }

  /** out[x] += a_f times what stands in `values` of feature f for the x-th of n items. */
  function addFeature(f: number, n: number, out: Float32Array): void {
    const a = weights[f]!
    const from = f * n
    const v = values
    for (let x = 0; x < n; x++) out[x]! += a * v[from + x]!
  }

  function scoreAll(moment: Moment, n: number, sums: Float32Array): void {
    sets.weigh(moment, true)
    sums.fill(0, 0, n)
    for (let p = 0; p < parts.length; p++) {
      const part = parts[p]!
      const own = weights.subarray(offsets[p]!, offsets[p]! + part.features.length)
      if (part.addAll !== undefined) part.addAll(moment, n, own, sums)
      else addScored(part, moment, n, own, sums)
    }
  }

  function addScored(
    part: Part,
    moment: Moment,
    n: number,
    own: Float32Array,
    sums: Float32Array,
  ): void {
    const items = Int32Array.from({ length: n }, (_, item) => item)
    const scores = new Float32Array(n * own.length)
    part.score(moment, items, scores, 0)
    own.forEach((weight, f) => {
      for (let i = 0; i < n; i++) sums[i]! += weight * scores[f * n + i]!
    })
  }

  return {
    features,
    score(moment, items, out) {
      const n = items.length
      ask(moment, items)
      sets.weigh(moment, true)
      sum(n, out)
      areLearnable = !sets.isAway(moment)
      if (!areLearnable) return
      if (scores.length < n) scores = new Float32Array(n)
      scores.set(out.length === n ? out : out.subarray(0, n))
    },
    scoreAll,
    gave(moment, part, n, out) {
      sets.weigh(moment, true)
      out.fill(0, 0, n)
      const end = offsets[part]! + parts[part]!.features.length
      for (let f = offsets[part]!; f < end; f++) addFeature(f, n, out)
    },
    signOf(part) {
      const isOne = parts[part]!.features.length === 1
      return isOne && weights[offsets[part]!]! < 0 ? -1 : 1
    },
    learn(moment, items, scored = false) {
      const n = items.length
      if (!scored) ask(moment, items)
      if (scores.length < n) scores = new Float32Array(n)
      sets.weigh(moment, false)
      if (!(scored && areLearnable)) sum(n, scores)
      areLearnable = false
      const isNew = moment.users.historyLength[0]! < options.newUserLength
      const loss = pairs.choose(items, scores, isNew ? 1 : options.choices)
      pairs.gradient(values, n, gradient)
      for (let f = 0; f < width; f++) sums[f]! += weights[f]!
      sums[width]!++
      sets.adapt(gradient)
      return loss
    },
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
