// The preference of the fused parts: every item has a score, so the order is total, lists are a plain top-K, and
// each part can be measured alone and left out.

import type { Fusion } from '../../learn/fusion/fusion.ts'
import type { Moment, Part, ScoreItems } from '../../learn/part.ts'
import type { Preference } from '../../rank/preference.ts'
import { createScoreRanker, listMax } from '../../rank/rank.ts'
import type { TripletSampler } from '../../sample/triplets.ts'

export interface FusedOptions {
  readonly negatives: number
  readonly choices: number
}

/**
 * `sampler`: draws the candidates that the output weights learn from where an event was not measured. Where it was,
 * they learn from the draws of the measure, which are uniform, too, and were scored before anything learned the event.
 */
export function createFused(
  fusion: Fusion,
  parts: readonly Part[],
  sampler: TripletSampler,
  options: FusedOptions,
): Preference {
  const candidates = new Int32Array(1 + options.negatives * options.choices)
  const rank = createScoreRanker(listMax)
  const fused = new Float32Array(128)
  let given = new Float32Array(0)
  let scores = new Float32Array(1024)
  /** What the measure has just scored, as long as nothing else was: the output weights learn from that. */
  const measured = {
    items: new Int32Array(0) as Int32Array,
    user: -1,
    time: Number.NaN,
    stands: false,
  }

  function score(moment: Moment, items: Int32Array, out: Float32Array): void {
    measured.stands = false
    fusion.score(moment, items, out)
  }

  function isMeasured({ user, time }: Moment, item: number): boolean {
    const { items, stands } = measured
    return stands && items[0] === item && measured.user === user && measured.time === time
  }

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

  return {
    longest: listMax,
    names: ['model', ...parts.flatMap(({ name }) => [name, `without.${name}`])],
    // In the order of the names: what the model and then each part said stays for the next scorer.
    scorers: (moment) => [
      (items, out) => {
        score(moment, items, out)
        fused.set(out.length === items.length ? out : out.subarray(0, items.length))
        measured.items = items
        measured.user = moment.user
        measured.time = moment.time
        measured.stands = true
      },
      ...parts.flatMap((_, p): ScoreItems[] => [
        (items, out) => {
          if (given.length !== items.length) given = new Float32Array(items.length)
          fusion.gave(moment, p, items.length, given)
          if (fusion.signOf(p) > 0) out.set(given)
          else for (let x = 0; x < items.length; x++) out[x] = -given[x]!
        },
        (items, out) => {
          const gave = given
          for (let x = 0; x < items.length; x++) out[x] = fused[x]! - gave[x]!
        },
      ]),
    ],
    scorer: (moment) => (items, out) => score(moment, items, out),
    learn(moment, item) {
      if (isMeasured(moment, item)) fusion.learn(moment, measured.items, true)
      else if (drawCandidates(moment.user, item)) fusion.learn(moment, candidates)
      measured.stands = false
    },
    best(moment, n, k, excluded) {
      if (scores.length < n) scores = new Float32Array(2 * n)
      fusion.scoreAll(moment, n, scores)
      const best = rank(scores, n, Math.min(k, listMax), excluded)
      const { count } = best
      return { items: best.items.slice(0, count), scores: best.scores.slice(0, count) }
    },
    gave(moment, items) {
      measured.stands = false
      return gaveOf(fusion, parts, moment, items)
    },
    weights() {
      const means = fusion.meanWeights()
      return Object.fromEntries(fusion.features.map((feature, f) => [feature, means[f]!]))
    },
    save: () => fusion.save(),
    restore: (tensors) => fusion.restore(tensors),
  }
}

function gaveOf(
  fusion: Fusion,
  parts: readonly Part[],
  moment: Moment,
  items: Int32Array,
): Record<string, number>[] {
  const n = items.length
  fusion.score(moment, items, new Float32Array(n))
  const gave = parts.map(({ name }, p) => {
    const values = new Float32Array(n)
    fusion.gave(moment, p, n, values)
    return [name, values] as const
  })
  return Array.from(items, (_, x) =>
    Object.fromEntries(gave.map(([name, values]) => [name, values[x]!])),
  )
}
