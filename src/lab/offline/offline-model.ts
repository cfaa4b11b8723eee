// A model that can be judged offline, and what a person may choose about it. models.ts makes them.

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

/** What a person may choose; what is left out has a default of the model's own. */
export interface ModelOptions {
  readonly parts: OfflineParts
  readonly factors: number
  readonly seed: number
  readonly depth?: number
  readonly rate?: number
  readonly ratio?: number
  readonly batch?: number
  readonly lambda?: number
  /** `pretrained`: the weight of NBPR in the union, DNCR has the rest; .5 without. */
  readonly alpha?: number
  /** `parts: rows`: the paper's joint tower without. */
  readonly tower?: 'user' | 'joint'
  /** `parts: history`: how the history is read, instead of the default. */
  readonly blocks?: readonly HistoryBlock[]
  /** `parts: history`: from many windows at once without. */
  readonly learning?: LearningWay
  /** Windows: see WindowOptions. */
  readonly dropout?: WindowOptions['dropout']
  readonly decay?: number
  readonly averaged?: number
  /** Most epochs; a rate that falls falls over so many. */
  readonly epochs?: number
}

/** What computes. */
export interface Engines {
  readonly engine: Engine
  readonly sequences: SequenceEngine
}

export interface OfflineModel {
  /** Models to be trained before this one, each to its own best; join() then makes this one of them. */
  readonly halves?: readonly { readonly name: NetworkName; readonly model: OfflineModel }[]
  join?(): void
  /** Only for networks. */
  readonly network?: Network
  /** Absent for models that are made in one go. */
  readonly training?: Pick<Trainable, 'epoch' | 'snapshot'>
  readonly epochsDefault: number
  /** By which measure on the validation items the best epoch is chosen: the authors' HR@10 without. */
  readonly chosenBy?: 'hr10' | 'ndcg10'
  /** False for models without factors: one run stands for every factor size and seed. */
  readonly hasFactors: boolean
  /** True where the validation item can enter what is known of a user without training. */
  readonly foldsIn: boolean
  /** True for pairwise models without a total order: ranks() is then the authors' count. */
  readonly isPairwise: boolean
  ranks(part: HeldOutPart, withValidation: boolean, options?: JudgeOptions): Float64Array
  /** Only for pairwise models. */
  algorithm1?(part: HeldOutPart, withValidation: boolean): Float64Array
}

/** Leaves out what is undefined, so that a model's own default holds. */
export function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
