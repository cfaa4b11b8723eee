// Trains and evaluates models on a split: one row of figures per model, factor size, seed and kind of history. Epochs
// are chosen by the validation items only; the test is evaluated once, at the end. The clock is handed in.

import type { Quality, QualityWithError } from '../../measure/metrics.ts'
import { type JudgeOptions, qualityOfRanks } from './judge.ts'
import type { Split } from './leave-one-out.ts'
import { createModel, type ModelName } from './models.ts'
import type { Engines, ModelOptions, OfflineModel } from './offline-model.ts'
import { trainToBest } from './training.ts'

export interface OfflineRequest extends Omit<ModelOptions, 'factors' | 'seed'> {
  readonly models: readonly ModelName[]
  readonly factors: readonly number[]
  readonly seeds: readonly number[]
  /** Whether the validation item is known when the test is judged. Figures are given for each. */
  readonly validationInHistory: readonly boolean[]
  readonly patience: number
  /** Pairwise models rank the whole catalogue for about this many users, evenly spread. */
  readonly fullUsersMax: number
}

/** One line of the report. */
export interface OfflineResult {
  readonly model: ModelName
  /** null for models that have no parts. */
  readonly parts: string | null
  readonly factors: number | null
  readonly seed: number
  readonly validationInHistory: boolean
  /** Among the negatives, by score or (pairwise models) by the authors' count. `se` is that of hr10. */
  readonly sampled: QualityWithError
  /** Among the negatives by the paper's Algorithm 1, pairwise models only. */
  readonly algorithm1?: Quality
  /** Among the whole catalogue, with the number of users judged. */
  readonly full: Quality & { readonly users: number }
  /** The epoch that was kept. */
  readonly epochs: number
  /** Training and validation, without the final judgement. */
  readonly seconds: number
  /** The same in processor time. */
  readonly processorSeconds: number
}

export interface EpochReport {
  readonly model: ModelName
  readonly factors: number
  readonly seed: number
  readonly epoch: number
  readonly epochs: number
  readonly loss: number
  /** undefined when the protocol has no validation items. */
  readonly validationHr10: number | undefined
  readonly validationNdcg10: number | undefined
}

export interface OfflineContext extends Engines {
  readonly nowMs: () => number
  /** Milliseconds of processor time so far. */
  readonly processorMs: () => number
  /** Learning goes on when it resolves, and ends when it rejects. */
  readonly onEpoch: (report: EpochReport) => void | Promise<void>
}

export async function* runOffline(
  split: Split,
  request: OfflineRequest,
  context: OfflineContext,
): AsyncGenerator<OfflineResult> {
  for (const name of request.models) {
    for (const [factors, seed] of pairs(request.factors, request.seeds)) {
      const started = context.nowMs()
      const startedProcessor = context.processorMs()
      const model = createModel(name, split, { ...request, factors, seed }, context)
      const epochs = await trainOffline(name, model, split, request, { factors, seed }, context)
      const seconds = tenths(context.nowMs() - started)
      const processorSeconds = tenths(context.processorMs() - startedProcessor)
      for (const withValidation of model.foldsIn ? request.validationInHistory : [false]) {
        yield {
          model: name,
          parts: model.network === undefined ? null : request.parts,
          factors: model.hasFactors ? factors : null,
          seed,
          validationInHistory: withValidation,
          ...figuresOf(judgeOffline(model, withValidation, split, request.fullUsersMax)),
          epochs,
          seconds,
          processorSeconds,
        }
      }
      // Models without factors draw nothing at random either: one run is enough.
      if (!model.hasFactors) break
    }
  }
}

/** Trains the model (its halves first) to the epoch that is best on the validation items, and returns that epoch. */
export async function trainOffline(
  name: ModelName,
  model: OfflineModel,
  split: Split,
  request: Pick<OfflineRequest, 'epochs' | 'patience'>,
  run: { readonly factors: number; readonly seed: number },
  context: Pick<OfflineContext, 'onEpoch'>,
  judgesStart = model.halves !== undefined,
): Promise<number> {
  if (model.training === undefined) return 0
  for (const half of model.halves ?? []) {
    await trainOffline(half.name, half.model, split, request, run, context)
  }
  model.join?.()
  const epochs = request.epochs ?? model.epochsDefault
  const hasValidation = split.validation.items.some((item) => item >= 0)
  let seen: Quality | undefined
  const judgeNow = (): number => {
    seen = qualityOfRanks(model.ranks('validation', false))
    return seen[model.chosenBy ?? 'hr10'] ?? 0
  }
  return trainToBest(model.training, hasValidation ? judgeNow : undefined, {
    epochs,
    patience: request.patience,
    judgesStart,
    onEpoch: (epoch, loss) => {
      const judged = {
        validationHr10: seen?.hr10 ?? undefined,
        validationNdcg10: seen?.ndcg10 ?? undefined,
      }
      return context.onEpoch({ model: name, ...run, epoch, epochs, loss, ...judged })
    },
  })
}

export interface Judgement extends Pick<OfflineResult, 'sampled' | 'algorithm1' | 'full'> {
  readonly byLength: ByLength
}

/** HR@K and NDCG@K among the negatives, K = 1 … 10. */
export interface ByLength {
  readonly hr: readonly number[]
  readonly ndcg: readonly number[]
}

function figuresOf({ byLength: _, ...figures }: Judgement): Omit<Judgement, 'byLength'> {
  return figures
}

/** How high the test items rank: among the negatives, and in the whole catalogue. */
export function judgeOffline(
  model: OfflineModel,
  withValidation: boolean,
  split: Split,
  fullUsersMax: number,
): Judgement {
  const every = model.isPairwise ? Math.ceil(split.users.length / fullUsersMax) : 1
  const options: JudgeOptions = { full: true, every }
  const ranks = model.ranks('test', withValidation)
  const sampled = qualityOfRanks(ranks)
  const fullRanks = model.ranks('test', withValidation, options)
  const listed = model.algorithm1?.('test', withValidation)
  return {
    sampled: { ...rounded(sampled), se: round(sampled.se) },
    ...(listed === undefined ? {} : { algorithm1: rounded(qualityOfRanks(listed)) }),
    full: { ...rounded(qualityOfRanks(fullRanks)), users: fullRanks.length },
    byLength: byLengthOf(ranks),
  }
}

const longest = 10

function byLengthOf(ranks: Float64Array): ByLength {
  const found = Array.from({ length: longest }, (_, k) => rounded(qualityOfRanks(ranks, k + 1)))
  return { hr: found.map(({ hr10 }) => hr10 ?? 0), ndcg: found.map(({ ndcg10 }) => ndcg10 ?? 0) }
}

function rounded({ hr10, ndcg10 }: Quality): Quality {
  return { hr10: round(hr10), ndcg10: round(ndcg10) }
}

/** Milliseconds as seconds with one digit. */
function tenths(ms: number): number {
  return Math.round(ms / 100) / 10
}

function round(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e4) / 1e4
}

function pairs(some: readonly number[], others: readonly number[]): (readonly [number, number])[] {
  return some.flatMap((one) => others.map((other) => [one, other] as const))
}
