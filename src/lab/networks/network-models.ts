// The networks among the models that can be evaluated offline: the defaults of each, and how it learns.

import type { Engine } from '../../ports/engine.ts'
import { createRandom } from '../../sample/random.ts'
import { ranksByAlgorithm1, ranksByCount, ranksByScore } from '../offline/judge.ts'
import type { Split } from '../offline/leave-one-out.ts'
import {
  type Engines,
  given,
  type ModelOptions,
  type OfflineModel,
} from '../offline/offline-model.ts'
import { createNetworkModel, type NetworkModel } from './network-model.ts'
import { type NetworkName, networkFor, windowNetwork } from './network-spec.ts'
import { createWindowModel } from './window-model.ts'

const paperDefaults = { depth: 4, rate: 0.001, ratio: 2, batch: 256 }
const drawDefaults = { depth: 2, rate: 0.1, ratio: 4, batch: 32 }
/**
 * Best on the validation items of MovieLens 1M (HR@10 / NDCG@10, full HR@10, one seed): .8469 / .6356, .3286. Dropping
 * .2 of the items: .8450 / .6292, .3219; twice the rate: .8389 / .6319, .3268; three blocks up to 100 (and both):
 * .8348 / .6209, .3086. More epochs, 512 negatives, weights averaged: no gain. A user's own items are no negatives,
 * as D_S has it.
 */
const windowDefaults = {
  depth: 3,
  rate: 0.005,
  ratio: 256,
  batch: 32,
  epochs: 8,
  dropout: [0.1, 0.2, 0.2] as const,
  decay: 0,
  averaged: 1,
}

export function networkOfModel(
  model: NetworkName,
  split: Split,
  options: ModelOptions,
  engines: Engines,
): OfflineModel {
  const { parts, seed } = options
  const isHistory = parts === 'history'
  const byWindows = isHistory && options.learning !== 'draws'
  const epochsDefault = byWindows ? windowDefaults.epochs : isHistory ? 15 : 60
  const made = byWindows
    ? learnedByWindows(model, split, options, engines)
    : learnedByDraws(model, split, options, engines.engine)
  const base = {
    training: made,
    network: made.network,
    epochsDefault: options.epochs ?? epochsDefault,
    hasFactors: true,
    foldsIn: isHistory,
    // With a falling learning rate the epochs differ by little, and NDCG shows smaller differences than HR.
    ...(byWindows ? { chosenBy: 'ndcg10' as const } : {}),
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

function learnedByDraws(
  model: NetworkName,
  split: Split,
  options: ModelOptions,
  engine: Engine,
): NetworkModel {
  const { parts, factors, seed, depth, rate, ratio, batch, blocks, tower } = options
  const defaults = parts === 'history' ? drawDefaults : paperDefaults
  const asked = given({ depth, rate, ratio, batch, blocks, tower })
  const { spec, training } = networkFor({ ...defaults, ...asked, model, parts, factors })
  const draws = createRandom(seed, `offline.${spec.name}`)
  return createNetworkModel(split, engine.create(spec, seed), training, draws)
}

function learnedByWindows(
  model: NetworkName,
  split: Split,
  options: ModelOptions,
  { engine, sequences }: Engines,
): NetworkModel {
  const { factors, seed, depth, rate, ratio, batch, blocks } = options
  const { epochs, dropout, decay, averaged } = options
  const choice = { ...windowDefaults, ...given({ depth, rate, ratio, batch, blocks }) }
  const how = { ...windowDefaults, ...given({ epochs, dropout, decay, averaged }) }
  const { spec, training } = windowNetwork({ ...choice, model, factors }, how)
  const draws = createRandom(seed, `offline.${spec.name}`)
  return createWindowModel(split, engine.create(spec, seed), sequences, training, draws)
}
