// The flags of `study`, read with all faults at once.

import { type ModelName, modelNames } from '../../lab/offline/models.ts'
import type { StudyRequest } from '../../lab/study/plan.ts'
import { type StudyName, studyNames } from '../../lab/study/studies.ts'
import { createFlagReader } from '../flag-reader.ts'
import type { KernelFlags } from '../kernel-flags.ts'

/** As commander gives them: texts. */
export interface StudyFlags extends KernelFlags {
  readonly data: string
  readonly music?: string
  readonly only?: string
  readonly models?: string
  readonly out: string
  readonly quick?: boolean
  readonly seeds: string
  readonly factors?: string
  readonly epochs?: string
  readonly patience: string
  readonly minimum: string
  readonly drawSeed: string
  readonly json?: boolean
}

export interface StudyOptions {
  readonly request: StudyRequest
  readonly minimum: number
  readonly drawSeed: number
  /** Of `paper`: the studies to run, and all that the page shows. */
  readonly only: readonly StudyName[]
  readonly shown: readonly StudyName[]
  /** Whose jobs are run; all are shown. */
  readonly models: readonly ModelName[]
}

/** The paper's own: of the history it knows nothing. */
const ofPaper: readonly StudyName[] = studyNames.filter((name) => name !== 'history')

const quickEpochs = 5
const sizes = { factors: [8, 16, 32, 64], quick: [8, 16] } as const

/** @throws Failure SETTINGS_INVALID with every fault. */
export function readStudyFlags(name: StudyName | 'paper', flags: StudyFlags): StudyOptions {
  const flag = createFlagReader()
  const quick = flags.quick === true
  const seedMax = Number.MAX_SAFE_INTEGER
  const epochs = flags.epochs ?? (quick ? String(quickEpochs) : undefined)
  const request: StudyRequest = {
    quick,
    seeds: flag.wholes('seeds', flags.seeds, 0, seedMax),
    factors:
      flags.factors === undefined
        ? quick
          ? sizes.quick
          : sizes.factors
        : flag.wholes('factors', flags.factors, 4, 128),
    patience: flag.whole('patience', flags.patience, 1, 10_000),
    ...(epochs === undefined ? {} : { epochs: flag.whole('epochs', epochs, 1, 10_000) }),
  }
  if (name !== 'paper') {
    for (const one of ['music', 'only'] as const) {
      if (flags[one] !== undefined) flag.fault(`--${one} is read by study paper alone`)
    }
  }
  const asked = flags.only === 'none' ? [] : (flags.only?.split(',') ?? ofPaper)
  for (const one of asked.filter((each) => !ofPaper.includes(each as StudyName))) {
    flag.fault(`--only is ${one}, expected none or some of ${ofPaper.join(', ')}`)
  }
  const models = flags.models?.split(',') ?? modelNames
  for (const one of models.filter((each) => !modelNames.includes(each as ModelName))) {
    flag.fault(`--models names ${one}, expected some of ${modelNames.join(', ')}`)
  }
  const options = {
    request,
    models: models as ModelName[],
    ...{ only: asked as StudyName[], shown: ofPaper },
    minimum: flag.whole('minimum', flags.minimum, 1, 1e9),
    drawSeed: flag.whole('draw-seed', flags.drawSeed, 0, seedMax),
  }
  flag.check()
  return options
}
