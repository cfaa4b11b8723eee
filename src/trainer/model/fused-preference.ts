// The preference of the fused parts: every item has a score, so the order is total, lists are a plain top-K, and each
// part can be measured alone and left out. With a hidden layer a list is made in two stages: the sum of the parts by
// the direct weights finds items in the whole catalogue, and the score with the layer orders them.

import type { FusedScores } from '../../learn/fusion/fused-scores.ts'
import type { Fusion } from '../../learn/fusion/fusion.ts'
import type { Moment, Part } from '../../learn/part.ts'
import {
  type BentOptions,
  createBentRanker,
  lowered,
  nearestMax,
  type Stages,
} from '../../rank/bent-list.ts'
import {
  type Excluded,
  listMax,
  type Measured,
  type Pause,
  type Preference,
  type Preferred,
} from '../../rank/preference.ts'
import type { StagedRanker } from '../../rank/staged/staged-ranker.ts'
import { copyOf, createScoreRanker, createTopK, type Ranked } from '../../rank/top-k.ts'
import type { TripletSampler } from '../../sample/triplets.ts'

/** How lists are made where there is a hidden layer, and what output weights learn from. */
export interface FusedOptions extends BentOptions {
  readonly negatives: number
  readonly choices: number
}

/** What the hidden layer adds, beside the parts. */
const hiddenName = 'hidden-layer'

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
  const bent = fusion.createScores()
  const rank = createScoreRanker(listMax)
  const rankBent = createBentRanker()
  const select = createTopK(nearestMax)
  const { hidden } = fusion
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

  function sumAll(moment: Moment, n: number): Float32Array {
    if (scores.length < n) scores = new Float32Array(2 * n)
    fusion.scoreAll(moment, n, scores)
    return scores
  }

  function beginStages(...[moment, n, k, excluded, pause]: Parameters<Preference['best']>) {
    return staged?.begin(moment, n, k, () => weightsByPart(moment), excluded, pause) ?? false
  }

  /** By the whole score, of those that are nearest to the top by the sum of the parts. */
  function bestBent(
    moment: Moment,
    n: number,
    k: number,
    excluded: Excluded,
    pause: Pause | undefined,
  ): Preferred {
    let isStaged = beginStages(moment, n, k, excluded, pause)
    let all: Float32Array | undefined
    const sums = () => lowered(sumAll(moment, n), n, excluded)
    const nearest: Stages['nearest'] = (most) => {
      const few = isStaged ? staged!.best(most, pause) : undefined
      isStaged = few !== undefined
      if (few === undefined) return select((all ??= sums()), n, most, excluded)
      const { items, scores, count } = few
      const top = select(scores, count, most, (x) => excluded(items[x]!))
      for (let at = 0; at < top.count; at++) top.items[at] = items[top.items[at]!]!
      return top
    }
    function bend(items: Int32Array): Float32Array {
      fusion.score(moment, items, bent)
      return bent.scores
    }
    return rankBent({ nearest, bend }, k, options)
  }

  const widths = parts.map(({ features }) => features.length)

  function weightsByPart(moment: Moment): Float32Array[] {
    const weights = fusion.weights(moment).slice()
    let from = 0
    return widths.map((width) => weights.subarray(from, (from += width)))
  }

  return {
    longest: listMax,
    names: ['model', ...namesOf(fusion, parts).flatMap((name) => [name, `without.${name}`])],
    measure: createMeasure(fusion),
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
      return scores.byteLength + (staged?.bytes ?? 0) + (hidden?.bytes ?? 0)
    },
    prepare: (n) => staged?.prepare(n) ?? false,
    mustPrepare: (n) => staged?.mustPrepare(n) ?? false,
    best(moment, n, k, excluded, pause) {
      const most = Math.min(k, listMax)
      if (hidden !== undefined) return bestBent(moment, n, most, excluded, pause)
      const isStaged = beginStages(moment, n, most, excluded, pause)
      const few = isStaged ? staged!.best(most, pause) : undefined
      if (few === undefined) return copyOf(rank(sumAll(moment, n), n, most, excluded))
      const { items, scores, count } = few
      return namedBy(
        items,
        rank(scores, count, most, (x) => excluded(items[x]!)),
      )
    },
    ...(hidden && { live: [hidden.live], forgetUsers: hidden.forgetUsers }),
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

/** The names of items in the place of their numbers in `items`. */
function namedBy(items: Int32Array, ranked: Ranked): Preferred {
  const found = copyOf(ranked)
  return { ...found, items: found.items.map((x) => items[x]!) }
}

function namesOf({ hidden }: Fusion, parts: readonly Part[]): string[] {
  return [...parts.map(({ name }) => name), ...(hidden === undefined ? [] : [hiddenName])]
}

/**
 * Columns: the model, and for each part its contribution and the sum of the others. Without the hidden layer the model
 * is the sum of all.
 */
function createMeasure(fusion: Fusion): Preference['measure'] {
  const fused = fusion.createScores()
  let added = new Float32Array(0)
  return (moment: Moment, items: Int32Array): Measured => {
    const columns = fusion.scoreParts(moment, items, fused)
    if (fusion.hidden === undefined) return { columns: [fused.scores, ...columns], fused }
    if (added.length !== items.length) added = new Float32Array(items.length)
    subtract(fused.scores, fused.linear, added)
    return { columns: [fused.scores, ...columns, added, fused.linear], fused }
  }
}

/** A loop of its own, over arrays that nothing may replace meanwhile: every event that is measured goes through it. */
function subtract(all: Float32Array, own: Float32Array, out: Float32Array): void {
  for (let x = 0; x < out.length; x++) out[x] = all[x]! - own[x]!
}

function contributionsOf(
  fusion: Fusion,
  parts: readonly Part[],
  of: FusedScores,
): Record<string, number>[] {
  const byPart = parts.map(({ name }, p) => {
    const values = new Float32Array(of.items.length)
    fusion.contribution(of, p, values, of.direct)
    return [name, values] as const
  })
  if (fusion.hidden !== undefined) {
    const added = of.scores.slice()
    for (const [, values] of byPart) subtract(added, values, added)
    byPart.push([hiddenName, added])
  }
  return Array.from(of.items, (_, x) =>
    Object.fromEntries(byPart.map(([name, values]) => [name, values[x]!])),
  )
}
