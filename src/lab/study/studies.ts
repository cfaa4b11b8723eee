// The studies: the paper's tables and figures again, and the same questions for the model over the history.

import type { HistoryBlock } from '../../ports/engine.ts'
import type { ModelName } from '../offline/models.ts'
import { paperRemarks } from './paper-figures.ts'
import {
  grid,
  noPaper,
  noPatience,
  paperPoints,
  point,
  type Study,
  type StudyRequest,
  sampled,
  titleOf,
} from './plan.ts'

export const studyNames = [
  'factors',
  'top-k',
  'negatives',
  'depth',
  'alpha',
  'loss',
  'history',
] as const
export type StudyName = (typeof studyNames)[number]

const paperModels = ['nbpr', 'dncr', 'neupr'] as const

const withoutFactors = (request: StudyRequest) =>
  grid({ ...request, seeds: request.seeds.slice(0, 1) }, [{ model: 'itempop' }, { model: 'ease' }])

/**
 * Pre-training gives NBPR and DNCR on the way; a job of its own gives NBPR alone, which takes a fraction of that time,
 * and is not run where the other is finished.
 */
function everyModel(request: StudyRequest, factors: number) {
  const neumf = request.quick ? [] : ['neumf']
  const models = ['pretrained', 'neupr', 'bpr', 'eals', ...neumf, 'nbpr']
  return grid(
    request,
    models.map((model) => ({ model: model as ModelName, factors })),
  )
}

const factorsStudy: Study = {
  title: 'Predictive factors: Tables 1 and 3',
  xLabel: 'predictive factors f (columns)',
  xScale: 'log',
  measures: sampled,
  remark: 'A model without factors is a level line.',
  jobs: (request) => [
    ...withoutFactors(request),
    ...request.factors.flatMap((factors) => everyModel(request, factors)),
  ],
  points(job, outcome) {
    if (outcome.learnedOn === false || outcome.validationInHistory) return []
    const hasFactors = outcome.model !== 'itempop' && outcome.model !== 'ease'
    return [point(titleOf(outcome.model), hasFactors ? job.factors : null, outcome)]
  },
  paper: paperPoints(),
}

const topKStudy: Study = {
  title: 'Length of the list: Figure 3',
  xLabel: 'length of the list K (items)',
  xScale: 'linear',
  measures: [
    { name: 'hr', label: 'HR@K (share of users)' },
    { name: 'ndcg', label: 'NDCG@K (mean over users)' },
  ],
  remark: paperRemarks.topK,
  jobs: (request) => [...withoutFactors(request), ...everyModel(request, request.factors[0] ?? 8)],
  points(_, { model, learnedOn, validationInHistory, byLength }) {
    if (learnedOn === false || validationInHistory || byLength === undefined) return []
    return byLength.hr.map((hr, k) => ({
      ...{ series: titleOf(model), x: k + 1 },
      values: { hr, ndcg: byLength.ndcg[k]! },
    }))
  },
  suffices: ({ byLength }) => byLength !== undefined,
  paper: noPaper,
}

const depthStudy: Study = {
  title: 'Layers of the tower: Figure 6',
  xLabel: 'layers of the tower (count, the concatenation is the first)',
  xScale: 'linear',
  measures: sampled,
  remark: paperRemarks.depth,
  jobs: (request) =>
    grid(
      request,
      (request.quick ? [1, 2, 4] : [1, 2, 3, 4, 5, 6]).flatMap((depth) =>
        (['dncr', 'neupr'] as const).map((model) => ({ model, depth })),
      ),
    ),
  points: (job, outcome) => [point(titleOf(outcome.model), job.depth ?? 4, outcome)],
  paper: noPaper,
}

const negativesStudy: Study = {
  title: 'Instances of label 0 for each of label 1: Figure 4',
  xLabel: 'ratio r (instances of label 0 for each of label 1)',
  xScale: 'linear',
  measures: sampled,
  remark: paperRemarks.negatives,
  jobs: (request) =>
    grid(
      request,
      (request.quick ? [1, 2, 4] : [1, 2, 3, 4, 5, 6]).flatMap((ratio) =>
        paperModels.map((model) => ({ model, ratio })),
      ),
    ),
  points: (job, outcome) => [point(titleOf(outcome.model), job.ratio ?? 1, outcome)],
  paper: noPaper,
}

const alphaStudy: Study = {
  title: 'The trade-off α of pre-training: eq. 26',
  xLabel: 'α (weight of NBPR in the union, DNCR has the rest)',
  xScale: 'linear',
  measures: sampled,
  remark: paperRemarks.alpha,
  jobs: (request) => {
    const steps = request.quick ? 4 : 10
    const alphas = Array.from({ length: steps + 1 }, (_, k) => k / steps)
    return grid(request, [{ model: 'pretrained', alphas }])
  },
  points: (_, outcome) => {
    if (outcome.alpha === undefined) return []
    return [point(outcome.learnedOn ? 'learned on' : 'as joined', outcome.alpha, outcome)]
  },
  paper: paperPoints(({ model, factors }, point) =>
    model === 'pretrained' && factors === 8
      ? { ...point, series: 'learned on', x: 0.5 }
      : undefined,
  ),
}

const lossStudy: Study = {
  title: 'Loss and HR@10 epoch by epoch',
  xLabel: 'epoch (passes over the training events)',
  xScale: 'linear',
  measures: [
    { name: 'loss', label: 'training loss (nats a positive)' },
    { name: 'validation', label: 'validation HR@10 (share of users)' },
  ],
  remark: paperRemarks.loss,
  jobs: (request) => {
    const epochs = request.epochs ?? (request.quick ? 5 : 40)
    return grid(
      { ...request, epochs, patience: noPatience },
      paperModels.map((model) => ({ model })),
    )
  },
  points: (_, outcome) =>
    outcome.curve.map(({ epoch, loss, validationHr10 }) => ({
      series: titleOf(outcome.model),
      x: epoch,
      values: { loss, validation: validationHr10 },
    })),
  paper: noPaper,
}

const historyStudy: Study = {
  title: 'History: how many items, and how fast the older count less',
  xLabel: 'items of the history (count)',
  xScale: 'log',
  measures: sampled,
  remark:
    'NBPR over the history with one block. «known»: the validation item is part of the history at the test.',
  jobs: (request) => {
    const lengths = request.quick ? [1, 5, 50] : [1, 2, 5, 10, 20, 50, 100]
    const decays = request.quick ? [0.7, 1] : [0.5, 0.8, 0.95, 1]
    return grid(
      request,
      decays.flatMap((decay) =>
        lengths.map((length) => {
          const block: HistoryBlock = { kind: 'short', length, power: 0.5, decay }
          return { parts: 'history' as const, blocks: [block] }
        }),
      ),
    )
  },
  points(job, outcome) {
    const block = job.blocks?.[0]
    if (block?.kind !== 'short') return []
    const known = outcome.validationInHistory ? ', known' : ''
    return [point(`decay ${block.decay}${known}`, block.length, outcome)]
  },
  paper: noPaper,
}

export const studies: Readonly<Record<StudyName, Study>> = {
  factors: factorsStudy,
  'top-k': topKStudy,
  depth: depthStudy,
  negatives: negativesStudy,
  alpha: alphaStudy,
  loss: lossStudy,
  history: historyStudy,
}
