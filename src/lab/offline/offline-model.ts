// A model that can be evaluated offline, and the options that a user of the command may choose. models.ts creates them.

import type { Engine, HistoryBlock, Network } from '../../ports/engine.ts'
import type { SequenceEngine } from '../../ports/sequence-learner.ts'
import type {
  LearningWay,
  NetworkName,
  OfflineParts,
  WindowOptions,
} from '../networks/network-spec.ts'
import type { HeldOutPart, JudgeOptions } from './judge.ts'
import type { Trainable } from './training.ts'

/** What a user may choose; each model has its own defaults for what is left out. */
export interface ModelOptions {
  readonly parts: OfflineParts
  readonly factors: number
  readonly seed: number
  readonly depth?: number
  readonly rate?: number
  readonly ratio?: number
  readonly batch?: number
  readonly lambda?: number
  /** `pretrained`: the weight of NBPR in the union, DNCR has the rest; default .5. */
  readonly alpha?: number
  /** `parts: rows`: default is the paper's joint tower. */
  readonly tower?: 'user' | 'joint'
  /** `parts: history`: how the history is read, instead of the default. */
  readonly blocks?: readonly HistoryBlock[]
  /** `parts: history`: default is many windows at once. */
  readonly learning?: LearningWay
  /** Windows: see WindowOptions. */
  readonly dropout?: WindowOptions['dropout']
  readonly decay?: number
  readonly averaged?: number
  /** Most epochs; a falling learning rate reaches its end after this many. */
  readonly epochs?: number
}

/** What computes. */
export interface Engines {
  readonly engine: Engine
  readonly sequences: SequenceEngine
}

export interface OfflineModel {
  /** Models to be trained first, each to its own best epoch; join() then builds this one from them. */
  readonly halves?: readonly { readonly name: NetworkName; readonly model: OfflineModel }[]
  join?(): void
  /** Only for networks. */
  readonly network?: Network
  /** Absent for models that are computed in closed form. */
  readonly training?: Pick<Trainable, 'epoch' | 'snapshot'>
  readonly epochsDefault: number
  /** The measure on the validation items that chooses the best epoch; default: the authors' HR@10. */
  readonly chosenBy?: 'hr10' | 'ndcg10'
  /** False for models without factors: one run stands for every factor size and seed. */
  readonly hasFactors: boolean
  /** True where the validation item can be added to what is known of a user without training. */
  readonly foldsIn: boolean
  /** True for pairwise models without a total order: ranks() is then the authors' count. */
  readonly isPairwise: boolean
  ranks(part: HeldOutPart, withValidation: boolean, options?: JudgeOptions): Float64Array
  /** Only for pairwise models. */
  algorithm1?(part: HeldOutPart, withValidation: boolean): Float64Array
}

/** Leaves out what is undefined, so that the model's own default is used. */
export function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
