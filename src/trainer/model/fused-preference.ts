// The preference of the fused parts: every item has a score, so the order is total, lists are a plain top-K, and each
// part can be measured alone and left out.

import type { FusedScores, Fusion } from '../../learn/fusion/fusion.ts'
import type { Moment, Part } from '../../learn/part.ts'
import { listMax, type Measured, type Preference } from '../../rank/preference.ts'
import type { StagedRanker } from '../../rank/staged/staged-ranker.ts'
import { copyOf, createScoreRanker } from '../../rank/top-k.ts'
import type { TripletSampler } from '../../sample/triplets.ts'

export interface FusedOptions {
  readonly negatives: number
  readonly choices: number
}

/**
 * `sampler` draws the candidates that the output weights learn from where an event was not measured. Where it was, they
 * learn from the items it was ranked among, which are uniform, too, and were scored before anything learned the event.
 */
export function createFusedPreference(
  fusion: Fusion,
  parts: readonly Part[],
  sampler: TripletSampler,
  options: FusedOptions,
  staged?: StagedRanker,
): Preference {
  const candidates = new Int32Array(1 + options.negatives * options.choices)
  const drawn = fusion.createScores()
  const asked = fusion.createScores()
  const rank = createScoreRanker(listMax)
  let scores = new Float32Array(1024)

  /** False when the user has nearly everything. */
  function drawCandidates(user: number, item: number): boolean {
    candidates[0] = item
    let previous = -1
    for (let x = 1; x < candidates.length; x++) {
      const j = sampler.negative(user)
      candidates[x] = j >= 0 ? j : previous
      previous = candidates[x]!
      if (previous < 0) return false
    }
    return true
  }

  const widths = parts.map(({ features }) => features.length)

  function weightsByPart(moment: Moment): Float32Array[] {
    const weights = fusion.weights(moment).slice()
    let from = 0
    return widths.map((width) => weights.subarray(from, (from += width)))
  }

  return {
    longest: listMax,
    names: ['model', ...parts.flatMap(({ name }) => [name, `without.${name}`])],
    measure: createMeasure(fusion, parts),
    score(moment, items, out) {
      fusion.score(moment, items, asked)
      out.set(asked.scores)
    },
    learn(moment, item, measured, weight) {
      if (measured?.fused !== undefined) fusion.learn(moment, measured.fused, weight)
      else if (drawCandidates(moment.user, item)) {
        fusion.score(moment, candidates, drawn)
        fusion.learn(moment, drawn, weight)
      }
    },
    get bytes() {
      return scores.byteLength + (staged?.bytes ?? 0)
    },
    prepare: (n) => staged?.prepare(n) ?? false,
    mustPrepare: (n) => staged?.mustPrepare(n) ?? false,
    best(moment, n, k, excluded) {
      const few = staged?.candidates(moment, n, k, weightsByPart(moment), excluded)
      if (few !== undefined) {
        const { items, scores, count } = few
        const best = rank(scores, count, k, (x) => excluded(items[x]!))
        const found = copyOf(best)
        return { ...found, items: found.items.map((x) => items[x]!) }
      }
      if (scores.length < n) scores = new Float32Array(2 * n)
      fusion.scoreAll(moment, n, scores)
      return copyOf(rank(scores, n, Math.min(k, listMax), excluded))
    },
    contributions(moment, items) {
      fusion.score(moment, items, asked)
      return contributionsOf(fusion, parts, asked)
    },
    weights() {
      const means = fusion.meanWeights()
      return Object.fromEntries(fusion.features.map((feature, f) => [feature, means[f]!]))
    },
    tensors: fusion.tensors,
    save: () => fusion.save(),
    restore: (tensors) => fusion.restore(tensors),
  }
}

/** Columns: the model, and for each part its contribution and the model without it. */
function createMeasure(fusion: Fusion, parts: readonly Part[]): Preference['measure'] {
  const fused = fusion.createScores()
  let columns: Float32Array[] = []
  return (moment: Moment, items: Int32Array): Measured => {
    fusion.score(moment, items, fused)
    const n = items.length
    if (columns[0] !== fused.scores) {
      columns = [fused.scores, ...parts.flatMap(() => [new Float32Array(n), new Float32Array(n)])]
    }
    for (let p = 0; p < parts.length; p++) {
      const [own, others] = [columns[1 + 2 * p]!, columns[2 + 2 * p]!]
      fusion.contribution(fused, p, own)
      subtract(fused.scores, own, others)
      if (fusion.signOf(fused, p) < 0) negate(own)
    }
    return { columns, fused }
  }
}

// Loops of their own, over arrays that nothing may replace meanwhile: every event that is measured goes through them.

function subtract(all: Float32Array, own: Float32Array, out: Float32Array): void {
  for (let x = 0; x < out.length; x++) out[x] = all[x]! - own[x]!
}

function negate(values: Float32Array): void {
  for (let x = 0; x < values.length; x++) values[x] = -values[x]!
}

function contributionsOf(
  fusion: Fusion,
  parts: readonly Part[],
  of: FusedScores,
): Record<string, number>[] {
  const byPart = parts.map(({ name }, p) => {
    const values = new Float32Array(of.items.length)
    fusion.contribution(of, p, values)
    return [name, values] as const
  })
  return Array.from(of.items, (_, x) =>
    Object.fromEntries(byPart.map(([name, values]) => [name, values[x]!])),
  )
}
