// NeuPR that begins as the union of an NBPR and a DNCR, both trained before (eq. 26), and goes on learning in small
// steps. Where the validation items find nothing better than the start, the start is kept.

import { mergePretrained } from '../../learn/network/from-pretrained.ts'
import type { ModelOptions, OfflineModel } from '../offline/offline-model.ts'
import type { NetworkName } from './network-spec.ts'

/** The union learns at this share of its halves' rate: Adam's moments start at zero, and full steps would tear. */
const rateShare = 0.1
const rateOfRows = 0.001
const rateOfWindows = 0.005
const rateOfDraws = 0.1
const epochsOfUnion = 10

/** `make` makes a network model with some options changed; every model draws from a generator of its own. */
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
