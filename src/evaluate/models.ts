// Every model that can be judged offline, by its name on the command line: how it is made, whether it is
// trained in epochs, and how the held-out items are ranked by it.

import type { Engine } from '../ports/engine.ts'
import { createRandom } from '../sample/random.ts'
import { bprMf } from './baselines/bpr-mf.ts'
import { eals } from './baselines/eals.ts'
import { ease } from './baselines/ease.ts'
import { itemKnn } from './baselines/item-knn.ts'
import { itemPop } from './baselines/item-pop.ts'
import { neumf } from './baselines/neumf.ts'
import { ranksByAlgorithm1, ranksByCount, ranksByScore, type Scorer } from './judge.ts'
import type { Split } from './leave-one-out.ts'
import { networkModel } from './network-model.ts'
import { type NetworkName, networkFor } from './network-spec.ts'
import type { ModelOptions, OfflineModel } from './offline-model.ts'
import { pretrainedModel } from './pretrained.ts'
import type { Trainable } from './training.ts'

export const modelNames = [
  'itempop',
  'itemknn',
  'ease',
  'bpr',
  'eals',
  'neumf',
  'nbpr',
  'dncr',
  'neupr',
  'pretrained',
] as const
export type ModelName = (typeof modelNames)[number]

export function createModel(
  name: ModelName,
  split: Split,
  options: ModelOptions,
  engine: Engine,
): OfflineModel {
  const { factors, rate, ratio, batch, lambda, seed } = options
  const random = createRandom(seed, `offline.${name}`)
  switch (name) {
    case 'itempop': {
      const scorer = itemPop(split)
      return fromScorer(split, () => scorer, false)
    }
    case 'itemknn':
      return fromScorer(split, itemKnn(split), true)
    case 'ease':
      return fromScorer(split, ease(split, given({ lambda })), true)
    case 'bpr':
      return learned(split, bprMf(split, { factors, ...given({ rate, ratio }) }, random), 40)
    case 'eals':
      return learned(split, eals(split, { factors }, random), 30)
    case 'neumf':
      return learned(split, neumf(split, { factors, ...given({ rate, ratio, batch }) }, random), 20)
    case 'pretrained':
      return pretrainedModel(options, (model, changed) =>
        fromNetwork(model, split, { ...options, ...changed }, engine),
      )
    default:
      return fromNetwork(name, split, options, engine)
  }
}

function fromScorer(
  split: Split,
  scorer: (withValidation: boolean) => Scorer,
  foldsIn: boolean,
): OfflineModel {
  return {
    epochsDefault: 0,
    hasFactors: false,
    foldsIn,
    isPairwise: false,
    ranks: (part, withValidation, options) =>
      ranksByScore(split, scorer(withValidation), part, options),
  }
}

function learned(split: Split, model: Trainable, epochsDefault: number): OfflineModel {
  return {
    training: model,
    epochsDefault,
    hasFactors: true,
    foldsIn: false,
    isPairwise: false,
    ranks: (part, withValidation, options) =>
      ranksByScore(split, model.scorer(withValidation), part, options),
  }
}

function fromNetwork(
  model: NetworkName,
  split: Split,
  options: ModelOptions,
  engine: Engine,
): OfflineModel {
  const { parts, factors, seed } = options
  const isHistory = parts === 'history'
  const defaults = isHistory
    ? { depth: 2, rate: 0.1, ratio: 4, batch: 32 }
    : { depth: 4, rate: 0.001, ratio: 2, batch: 256 }
  const { depth, rate, ratio, batch, blocks } = options
  const asked = given({ depth, rate, ratio, batch, blocks })
  const { spec, training } = networkFor({ ...defaults, ...asked, model, parts, factors })
  const draws = createRandom(seed, `offline.${spec.name}`)
  const made = networkModel(split, engine.create(spec, seed), training, draws)
  const base = {
    training: made,
    network: made.network,
    epochsDefault: isHistory ? 15 : 60,
    hasFactors: true,
    foldsIn: isHistory,
  }
  if (made.isTotal) {
    return {
      ...base,
      isPairwise: false,
      ranks: (part, withValidation, judge) =>
        ranksByScore(split, made.scorer(part, withValidation), part, judge),
    }
  }
  return {
    ...base,
    isPairwise: true,
    ranks: (part, withValidation, judge) =>
      ranksByCount(split, made.comparer(part, withValidation), part, judge),
    algorithm1: (part, withValidation) =>
      ranksByAlgorithm1(
        split,
        made.comparer(part, withValidation),
        part,
        createRandom(seed, 'offline.order'),
      ),
  }
}

/** Leaves out what is undefined, so that a model's own default holds. */
function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
