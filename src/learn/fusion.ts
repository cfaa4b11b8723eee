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

export interface FusionOptions {
  readonly rate: number
  /** Where the accumulators start. */
  readonly accumulator: number
  /** Candidates in a group. */
  readonly choices: number
  /** Histories shorter than this learn from all candidates. */
  readonly newUserLength: number
  /** Users whose newest positive is at least so old are ranked with the lean of the parts. */
  readonly awaySeconds: number
}

/** Histories of 0, 1, 2-4, 5-9, 10-19, 20-49 and 50 or more positives have weights of their own. */
const lengthEnds = [1, 2, 5, 10, 20, 50]
/** No positive yet; or the newest under a minute, ten minutes, a day, ten days ago, or longer. In seconds. */
const gapEnds = [60, 600, 86_400, 864_000]

export interface Fusion {
  readonly features: readonly string[]
  /** out[x] = s(items[x]); the features stay readable until the next call. */
  score(moment: Moment, items: Int32Array, out: Float32Array): void
  /** sums[i] = s(i) for items i < n: as score() of the whole catalogue, without the features. */
  scoreAll(moment: Moment, n: number, sums: Float32Array): void
  /** After score() of n items: out[x] = what part p gave to items[x]. */
  gave(moment: Moment, part: number, n: number, out: Float32Array): void
  /**
   * Learns from the positive items[0] against groups of candidates items[1…]; -1 marks none. `scored`: the last call was
   * score() of these items at this moment, so that the parts need not be asked again. Returns the loss.
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
  const lengths = lengthEnds.length + 1
  const gaps = gapEnds.length + 2
  const sets = lengths + gaps + lengths * gaps
  // The sets of w, then those of g and of c, which start at 0.
  const table = new Float32Array(sets * width)
  const accumulators = new Float32Array(sets * width).fill(options.accumulator)
  const start = parts.flatMap((part) => part.start)
  const lean = parts.flatMap((part) => part.lean ?? part.start.map(() => 0))
  for (let b = 0; b < lengths; b++) table.set(start, b * width)
  const weights = new Float32Array(width)
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

  /** The sets that a moment weighs by. */
  const of = { length: 0, gap: 0, both: 0 }

  function place(moment: Moment): void {
    const { historyLength, historyStart, historyAges } = moment.users
    const length = countUpTo(lengthEnds, historyLength[0]!)
    const gap = historyStart[1] === 0 ? 0 : 1 + countUpTo(gapEnds, historyAges[0]!)
    of.length = length
    of.gap = lengths + gap
    of.both = lengths + gaps + length * gaps + gap
  }

  /** `leans`: as items are ranked; without them as the weights learn. */
  function weigh(moment: Moment, leans: boolean): Float32Array {
    place(moment)
    const [w, g, c] = [of.length * width, of.gap * width, of.both * width]
    for (let f = 0; f < width; f++) weights[f] = table[w + f]! + table[g + f]! + table[c + f]!
    if (leans && isAway(moment)) for (let f = 0; f < width; f++) weights[f]! += lean[f]!
    return weights
  }

  function isAway({ users }: Moment): boolean {
    return users.historyStart[1]! > 0 && users.historyAges[0]! >= options.awaySeconds
  }

  function adapt(set: number): void {
    for (let f = 0; f < width; f++) {
      const at = set * width + f
      const g = gradient[f]!
      accumulators[at]! += g * g
      table[at]! += (options.rate / Math.sqrt(accumulators[at]!)) * g
    }
  }

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

  function scoreAll(moment: Moment, n: number, sums: Float32Array): void {
    weigh(moment, true)
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
      ask(moment, items)
      weigh(moment, true)
      sum(items.length, out)
    },
    scoreAll,
    gave(moment, part, n, out) {
      weigh(moment, true)
      out.fill(0, 0, n)
      for (let k = 0; k < parts[part]!.features.length; k++) {
        const f = offsets[part]! + k
        for (let x = 0; x < n; x++) out[x]! += weights[f]! * values[f * n + x]!
      }
    },
    learn(moment, items, scored = false) {
      const n = items.length
      if (!scored) ask(moment, items)
      if (scores.length < n) scores = new Float32Array(n)
      weigh(moment, false)
      sum(n, scores)
      gradient.fill(0)
      let loss = 0
      const isNew = moment.users.historyLength[0]! < options.newUserLength
      const choices = isNew ? 1 : options.choices
      const groups = Math.floor((n - 1) / choices)
      for (let q = 0; q < groups; q++) {
        const first = 1 + q * choices
        let j = -1
        for (let x = first; x < first + choices; x++) {
          if (items[x]! >= 0 && (j < 0 || scores[x]! > scores[j]!)) j = x
        }
        if (j < 0) continue
        const z = scores[0]! - scores[j]!
        const pull = 1 / (groups * (1 + Math.exp(z)))
        loss += Math.log1p(Math.exp(-Math.abs(z))) + Math.max(-z, 0)
        for (let f = 0; f < width; f++) gradient[f]! += pull * (values[f * n]! - values[f * n + j]!)
      }
      for (let f = 0; f < width; f++) sums[f]! += weights[f]!
      sums[width]!++
      adapt(of.length)
      adapt(of.gap)
      adapt(of.both)
      return loss / groups
    },
    weights: (moment) => weigh(moment, true),
    meanWeights: () =>
      Float32Array.from(start, (first, f) => (sums[width] ? sums[f]! / sums[width]! : first)),
    save: () =>
      new Map<string, Tensor>([
        ['fusion.weights', { shape: [sets, width], data: table.slice() }],
        ['fusion.accumulators', { shape: [sets, width], data: accumulators.slice() }],
        ['fusion.sums', { shape: [width + 1], data: sums.slice() }],
      ]),
    restore(tensors) {
      table.set(tensors.get('fusion.weights')?.data ?? [])
      accumulators.set(tensors.get('fusion.accumulators')?.data ?? [])
      sums.set(tensors.get('fusion.sums')?.data ?? [])
    },
  }
}

/** How many of the ascending ends the value has reached. */
function countUpTo(ends: readonly number[], value: number): number {
  let b = 0
  while (b < ends.length && value >= ends[b]!) b++
  return b
}
