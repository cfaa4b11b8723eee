// One job of a study: a model trained to its best epoch on the validation items and evaluated once on the test, with
// the curve of its epochs. `pretrained` also reports its halves, and the union for each α, before and after further
// training.

import { mergePretrained } from '../../learn/network/from-pretrained.ts'
import type { Split } from '../offline/leave-one-out.ts'
import { createModel, type ModelName } from '../offline/models.ts'
import type { Engines, ModelOptions, OfflineModel } from '../offline/offline-model.ts'
import {
  type ByLength,
  type EpochReport,
  judgeOffline,
  type OfflineResult,
  trainOffline,
} from '../offline/run.ts'

/** Plain JSON: its text is the key that a finished job is found by. */
export interface Job extends Omit<ModelOptions, 'alpha'> {
  readonly model: ModelName
  /** Only with `pretrained`. */
  readonly alphas?: readonly number[]
  readonly epochs?: number
  readonly patience: number
}

export interface CurvePoint {
  readonly epoch: number
  readonly loss: number
  readonly validationHr10: number
}

export interface Outcome {
  readonly model: ModelName
  /** Only of `pretrained`: the weight of NBPR, and whether the union has learned since it was joined. */
  readonly alpha?: number
  readonly learnedOn?: boolean
  readonly validationInHistory: boolean
  readonly sampled: OfflineResult['sampled']
  readonly full: OfflineResult['full']
  /** Absent in what was judged by versions that did not count it. */
  readonly byLength?: ByLength
  readonly epochs: number
  readonly seconds: number
  readonly curve: readonly CurvePoint[]
}

export interface JobContext extends Engines {
  readonly split: Split
  readonly fullUsersMax: number
  readonly nowMs: () => number
  /** Learning goes on when it resolves, and ends when it rejects. */
  readonly onEpoch: (report: EpochReport) => Promise<void>
}

export async function runJob(job: Job, context: JobContext): Promise<Outcome[]> {
  const model = createModel(job.model, context.split, job, context)
  if (model.halves === undefined) return trained(job, job.model, model, context)
  const outcomes: Outcome[] = []
  for (const half of model.halves) {
    outcomes.push(...(await trained(job, half.name, half.model, context)))
  }
  const [nbpr, dncr] = model.halves.map((half) => half.model.network!)
  // Without its halves, so that they are not trained again.
  const { halves: _, join: __, ...union } = model
  for (const alpha of job.alphas ?? [0.5]) {
    mergePretrained(model.network!, nbpr!, dncr!, alpha)
    const joined = judged('pretrained', union, context)
    const still = { epochs: 0, seconds: 0, curve: [] }
    outcomes.push(...joined.map((one) => ({ ...one, ...still, alpha, learnedOn: false })))
    const after = await trained(job, 'pretrained', union, context, true)
    outcomes.push(...after.map((one) => ({ ...one, alpha, learnedOn: true })))
  }
  return outcomes
}

async function trained(
  job: Job,
  name: ModelName,
  model: OfflineModel,
  context: JobContext,
  judgesStart = false,
): Promise<Outcome[]> {
  const started = context.nowMs()
  const curve: CurvePoint[] = []
  const onEpoch = (report: EpochReport): Promise<void> => {
    const { epoch, loss, validationHr10 = Number.NaN } = report
    if (epoch > 0)
      curve.push({ epoch, loss: rounded(loss), validationHr10: rounded(validationHr10) })
    return context.onEpoch(report)
  }
  const epochs = await trainOffline(name, model, context.split, job, job, { onEpoch }, judgesStart)
  const seconds = Math.round((context.nowMs() - started) / 100) / 10
  return judged(name, model, context).map((one) => ({ ...one, epochs, seconds, curve }))
}

function judged(name: ModelName, model: OfflineModel, { split, fullUsersMax }: JobContext) {
  return (model.foldsIn ? [false, true] : [false]).map((validationInHistory) => {
    const judged = judgeOffline(model, validationInHistory, split, fullUsersMax)
    const { sampled, full, byLength } = judged
    return { model: name, validationInHistory, sampled, full, byLength }
  })
}

function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5
}
