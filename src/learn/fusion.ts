// The output layer over the parts, learned on the stream: eq. 26 with a live α. One set of weights per length of
// the user's history, so that new users lean on what works for new users.
//
// Symbols: a_f weight of feature f, x_f(i) value of feature f for item i, s(i) = Σ_f a_f x_f(i).
// Learning: once per arriving event, before any part learns it, so that every prediction was honest when made:
//   loss = mean over negatives q of softplus(s(j_q) - s(i)), j_q the best scoring of a group of candidates;
//   gradient for a only, Adagrad with one accumulator per weight.

import type { Tensor } from '../ports/checkpoint-store.ts'
import type { Moment, Part } from './part.ts'

export interface FusionOptions {
  readonly rate: number
  /** Where the accumulators start. */
  readonly accumulator: number
  readonly negatives: number
  readonly choices: number
}

/** Histories of 0, 1, 2-4, 5-9, 10-19, 20-49 and 50 or more positives have weights of their own. */
const bucketEnds = [1, 2, 5, 10, 20, 50]

export interface Fusion {
  readonly features: readonly string[]
  /** out[x] = s(items[x]); the features stay readable until the next call. */
  score(moment: Moment, items: Int32Array, out: Float32Array): void
  /** After score() of n items: out[x] = what part p gave to items[x]. */
  gave(moment: Moment, part: number, n: number, out: Float32Array): void
  /** Learns from the positive items[0] against groups of candidates items[1…]; -1 marks none. Returns the loss. */
  learn(moment: Moment, items: Int32Array): number
  weights(bucket: number): Float32Array
  readonly buckets: number
  save(): ReadonlyMap<string, Tensor>
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

export function createFusion(parts: readonly Part[], options: FusionOptions): Fusion {
  const features = parts.flatMap((part) => part.features)
  const width = features.length
  const buckets = bucketEnds.length + 1
  const weights = new Float32Array(buckets * width)
  const accumulators = new Float32Array(buckets * width).fill(options.accumulator)
  for (let b = 0; b < buckets; b++)
    weights.set(
      parts.flatMap((part) => part.start),
      b * width,
    )
  const offsets: number[] = []
  let offset = 0
  for (const part of parts) {
    offsets.push(offset)
    offset += part.features.length
  }
  let values = new Float32Array(width * 128)
  const gradient = new Float32Array(width)
  const scored = new Float32Array(1 + options.negatives * options.choices)

  function bucketOf(moment: Moment): number {
    const length = moment.users.historyLength[0]!
    let b = 0
    while (b < bucketEnds.length && length >= bucketEnds[b]!) b++
    return b
  }

  function score(moment: Moment, items: Int32Array, out: Float32Array): void {
    const n = items.length
    if (values.length < width * n) values = new Float32Array(width * n)
    for (let p = 0; p < parts.length; p++) parts[p]!.score(moment, items, values, offsets[p]!)
    const at = bucketOf(moment) * width
    out.fill(0, 0, n)
    for (let f = 0; f < width; f++) {
      const a = weights[at + f]!
      if (a === 0) continue
      for (let x = 0; x < n; x++) out[x]! += a * values[f * n + x]!
    }
  }

  return {
    features,
    buckets,
    score,
    gave(moment, part, n, out) {
      const at = bucketOf(moment) * width
      out.fill(0, 0, n)
      for (let k = 0; k < parts[part]!.features.length; k++) {
        const f = offsets[part]! + k
        for (let x = 0; x < n; x++) out[x]! += weights[at + f]! * values[f * n + x]!
      }
    },
    learn(moment, items) {
      score(moment, items, scored)
      gradient.fill(0)
      const n = items.length
      let loss = 0
      for (let q = 0; q < options.negatives; q++) {
        const first = 1 + q * options.choices
        let j = -1
        for (let x = first; x < first + options.choices; x++) {
          if (items[x]! >= 0 && (j < 0 || scored[x]! > scored[j]!)) j = x
        }
        if (j < 0) continue
        const z = scored[0]! - scored[j]!
        const pull = 1 / (options.negatives * (1 + Math.exp(z)))
        loss += Math.log1p(Math.exp(-Math.abs(z))) + Math.max(-z, 0)
        for (let f = 0; f < width; f++) gradient[f]! += pull * (values[f * n]! - values[f * n + j]!)
      }
      const at = bucketOf(moment) * width
      for (let f = 0; f < width; f++) {
        const g = gradient[f]!
        accumulators[at + f]! += g * g
        weights[at + f]! += (options.rate / Math.sqrt(accumulators[at + f]!)) * g
      }
      return loss / options.negatives
    },
    weights: (bucket) => weights.subarray(bucket * width, (bucket + 1) * width),
    save: () =>
      new Map<string, Tensor>([
        ['fusion.weights', { shape: [buckets, width], data: weights.slice() }],
        ['fusion.accumulators', { shape: [buckets, width], data: accumulators.slice() }],
      ]),
    restore(tensors) {
      weights.set(tensors.get('fusion.weights')?.data ?? [])
      accumulators.set(tensors.get('fusion.accumulators')?.data ?? [])
    },
  }
}
