// Every model that can be evaluated offline, by its name on the command line: how it is created, whether it is trained
// in epochs, and how it ranks the held-out items.

import { createRandom } from '../../sample/random.ts'
import { bprMf } from '../baselines/bpr-mf.ts'
import { eals } from '../baselines/eals.ts'
import { ease } from '../baselines/ease.ts'
import { itemKnn } from '../baselines/item-knn.ts'
import { neumf } from '../baselines/neumf.ts'
import { networkOfModel } from '../networks/network-models.ts'
import { pretrainedModel } from '../networks/pretrained.ts'
import { type OfflineScorer, ranksByScore } from './judge.ts'
import type { Split } from './leave-one-out.ts'
import { type Engines, given, type ModelOptions, type OfflineModel } from './offline-model.ts'
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
  engines: Engines,
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
        networkOfModel(model, split, { ...options, ...changed }, engines),
      )
    default:
      return networkOfModel(name, split, options, engines)
  }
}

function fromScorer(
  split: Split,
  scorer: (withValidation: boolean) => OfflineScorer,
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

/** Everybody gets the items that most users have: the lowest bar of every comparison. */
export function itemPop(split: Split): OfflineScorer {
  const counts = new Float32Array(split.items.length)
  for (const item of split.train.items) counts[item]!++
  return (_user, items, count, out) => {
    for (let x = 0; x < count; x++) out[x] = counts[items[x]!]!
  }
}
