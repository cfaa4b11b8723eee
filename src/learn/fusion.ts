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

import type { Tensor } from '../ports/checkpoint-store.ts'
import type { Moment, Part } from './part.ts'
import { createWeightSets, type WeightOptions } from './weight-sets.ts'

const productMax = 2 ** 1000

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
  const sums = new Float64Array(width + 1)
  const offsets: number[] = []
  let offset = 0
  for (const part of parts) {
    offsets.push(offset)
    offset += part.features.length
  }
  let values = new Float32Array(width * 128)
  const gradient = new Float32Array(width)
  /** What is learned of one moment: `pairs` of its item with the hardest of a group. */
  let pairs = 0
  let hardest = new Int32Array(64)
  let pulls = new Float64Array(64)
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
    for (let f = 0; f < width; f++) {
      const a = weights[f]!
      if (a === 0) continue
      for (let x = 0; x < n; x++) out[x]! += a * values[f * n + x]!
    }
  }

  /** Chooses the hardest of each group, and sets how strongly its pair teaches. Returns the loss. */
  function pull(items: Int32Array, choices: number): number {
    const groups = Math.floor((items.length - 1) / choices)
    if (pulls.length < groups) {
      pulls = new Float64Array(groups)
      hardest = new Int32Array(groups)
    }
    // Σ ln(1 + e) over the groups is the logarithm of a product, as long as a double holds it.
    let product = 1
    let loss = 0
    pairs = 0
    for (let q = 0; q < groups; q++) {
      const first = 1 + q * choices
      let j = -1
      for (let x = first; x < first + choices; x++) {
        if (items[x]! >= 0 && (j < 0 || scores[x]! > scores[j]!)) j = x
      }
      if (j < 0) continue
      const z = scores[0]! - scores[j]!
      const e = Math.exp(-Math.abs(z))
      if (product > productMax) {
        loss += Math.log(product)
        product = 1
      }
      product *= 1 + e
      loss += Math.max(-z, 0)
      hardest[pairs] = j
      pulls[pairs++] = (z < 0 ? 1 : e) / (groups * (1 + e))
    }
    return (loss + Math.log(product)) / groups
  }

  /** The gradient of every weight by the pairs, whose n items each feature has given values. */
  function push(n: number): void {
    for (let f = 0; f < width; f++) {
      const own = values[f * n]!
      let sum = 0
      for (let q = 0; q < pairs; q++) {
        sum += pulls[q]! * (own - values[f * n + hardest[q]!]!)
      }
      gradient[f] = sum
    }
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
      for (let x = 0; x < n; x++) scores[x] = out[x]!
    },
    scoreAll,
    gave(moment, part, n, out) {
      sets.weigh(moment, true)
      out.fill(0, 0, n)
      for (let k = 0; k < parts[part]!.features.length; k++) {
        const f = offsets[part]! + k
        const a = weights[f]!
        for (let x = 0; x < n; x++) out[x]! += a * values[f * n + x]!
      }
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
      const loss = pull(items, isNew ? 1 : options.choices)
      push(n)
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
