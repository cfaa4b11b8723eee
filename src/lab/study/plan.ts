// What a study consists of: jobs, and how their outcomes become points of a table and a plot. The studies themselves
// are in studies.ts.

import type { ModelName } from '../offline/models.ts'
import type { Job, Outcome } from './job.ts'
import { type PaperData, type PaperFigure, paperFigures } from './paper-figures.ts'

export interface StudyRequest {
  readonly seeds: readonly number[]
  /** Sizes of `factors`; the others take the first. */
  readonly factors: readonly number[]
  readonly quick: boolean
  readonly epochs?: number
  readonly patience: number
}

/** A value of a series; x null: it holds for every x. */
export interface Point {
  readonly series: string
  readonly x: number | null
  readonly values: Readonly<Record<string, number>>
}

export interface Measure {
  readonly name: string
  readonly label: string
}

export interface Study {
  readonly title: string
  readonly xLabel: string
  /** log: equal steps are equal factors. */
  readonly xScale: 'linear' | 'log'
  readonly measures: readonly Measure[]
  readonly remark: string
  readonly jobs: (request: StudyRequest) => Job[]
  readonly points: (job: Job, outcome: Outcome) => Point[]
  /** Whether an outcome that was kept says all that the study needs; left out: every one does. */
  readonly suffices?: (outcome: Outcome) => boolean
  /** The paper's own. */
  readonly paper: Readonly<Record<PaperData, readonly Point[]>>
}

export const noPaper = { movielens: [], music: [] } as const

const hr10 = { name: 'hr10', label: 'HR@10 (share of users)' }
const ndcg10 = { name: 'ndcg10', label: 'NDCG@10 (mean over users)' }
export const sampled: readonly Measure[] = [hr10, ndcg10]
export const noPatience = 10_000

const titles: Partial<Record<ModelName, string>> = {
  ...{ itempop: 'ItemPop', ease: 'EASE', bpr: 'BPR-MF', eals: 'eALS', neumf: 'NeuMF' },
  ...{ nbpr: 'NBPR', dncr: 'DNCR', neupr: 'NeuPR', pretrained: 'NeuPR, pre-trained' },
}

export const titleOf = (model: ModelName): string => titles[model] ?? model

/** One job for each seed and each of `some`, which adds to or replaces the defaults. */
export function grid(request: StudyRequest, some: readonly Partial<Job>[]): Job[] {
  const { seeds, factors, epochs, patience } = request
  const base = {
    parts: 'rows',
    factors: factors[0] ?? 8,
    patience,
    ...(epochs && { epochs }),
  } as const
  return seeds.flatMap((seed) =>
    some.map((one) => ({ model: 'nbpr' as const, ...base, seed, ...one })),
  )
}

export function point(
  series: string,
  x: number | null,
  { sampled: { hr10, ndcg10 } }: Outcome,
): Point {
  return { series, x, values: measuredOnly({ hr10, ndcg10 }) }
}

/** The paper's figures as points by factors, of those that are asked for. */
export function paperPoints(
  change: (figure: PaperFigure, point: Point) => Point | undefined = (_, point) => point,
): Study['paper'] {
  const of = (data: PaperData) =>
    paperFigures
      .filter((figure) => figure.data === data)
      .flatMap((figure) => change(figure, paperPoint(figure)) ?? [])
  return { movielens: of('movielens'), music: of('music') }
}

function paperPoint({ model, factors, hr10, ndcg10 }: PaperFigure): Point {
  return { series: titleOf(model), x: factors, values: measuredOnly({ hr10, ndcg10 }) }
}

/** Leaves out what was not measured or is not known. */
function measuredOnly(
  values: Readonly<Record<string, number | null | undefined>>,
): Readonly<Record<string, number>> {
  const known = Object.entries(values).filter(([, value]) => typeof value === 'number')
  return Object.fromEntries(known) as Record<string, number>
}
