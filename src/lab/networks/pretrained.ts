// NeuPR that starts as the union of a trained NBPR and a trained DNCR (eq. 26) and goes on learning in small steps. If
// no later epoch is better on the validation items, the start is kept.

import { mergePretrained } from '../../learn/network/from-pretrained.ts'
import type { ModelOptions, OfflineModel } from '../offline/offline-model.ts'
import type { NetworkName } from './network-spec.ts'

/**
 * Of its halves' learning rate: Adam's moments start at zero, and full steps would undo what the halves have learned.
 */
const rateShare = 0.1
const rateOfRows = 0.001
const rateOfWindows = 0.005
const rateOfDraws = 0.1
const epochsOfUnion = 10

/** `make` creates a network model with some options changed; every model has its own random generator. */
export function pretrainedModel(
  options: ModelOptions,
  make: (model: NetworkName, changed: Partial<ModelOptions>) => OfflineModel,
): OfflineModel {
  const { alpha = 0.5, parts } = options
  const rateOfHistory = options.learning === 'draws' ? rateOfDraws : rateOfWindows
  const rate = options.rate ?? (parts === 'history' ? rateOfHistory : rateOfRows)
  const nbpr = make('nbpr', {})
  const dncr = make('dncr', {})
  const union = make('neupr', { rate: rateShare * rate, epochs: options.epochs ?? epochsOfUnion })
  return {
    ...union,
    epochsDefault: epochsOfUnion,
    halves: [
      { name: 'nbpr', model: nbpr },
      { name: 'dncr', model: dncr },
    ],
    join: () => mergePretrained(union.network!, nbpr.network!, dncr.network!, alpha),
  }
}
