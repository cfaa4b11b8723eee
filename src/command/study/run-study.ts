// Runs the jobs of a study on one log that are not finished yet, and keeps each as it ends.

import { createWasmSequenceEngine } from '../../adapters/wasm/sequence/engine.ts'
import { yieldToEventLoop } from '../../io.ts'
import type { Split } from '../../lab/offline/leave-one-out.ts'
import { type Job, type Outcome, runJob } from '../../lab/study/job.ts'
import type { Point, Study, StudyRequest } from '../../lab/study/plan.ts'
import { shareText } from '../../measure/metrics.ts'
import type { Engine } from '../../ports/engine.ts'
import { createProgress } from '../evaluate/progress.ts'
import type { EvaluateIo } from '../evaluate.ts'
import type { StudyOptions } from './flags.ts'
import type { Results } from './results.ts'

/** Users ranked in the whole catalogue by models that compare pairs. */
const fullUsersMax = 500

export interface StudyRun {
  readonly split: Split
  readonly engine: Engine
  readonly results: Results
  readonly io: EvaluateIo
}

export interface Found {
  readonly points: readonly Point[]
  readonly jobs: number
  /** Those that are not finished. */
  readonly missing: readonly Job[]
}

/** Tells one split from another, wherever the file lies and whatever its name. */
export function fingerprint(split: Split, { drawSeed }: Pick<StudyOptions, 'drawSeed'>): string {
  let hash = 0
  for (const array of [
    split.train.items,
    split.validation.items,
    split.test.items,
    split.negatives,
  ]) {
    for (const id of array) hash = (Math.imul(hash, 31) + id) | 0
  }
  return [split.users.length, split.items.length, split.train.items.length, drawSeed, hash].join(
    ' ',
  )
}

/** What is finished by now. */
export function foundOf(study: Study, request: StudyRequest, results: Results): Found {
  const jobs = study.jobs(request)
  const done = jobs.map((job) => [job, outcomesOf(study, job, results)] as const)
  return {
    points: done.flatMap(([job, outcomes]) =>
      // Twice the same says no more.
      halfOfPretrained(job, results) === undefined
        ? (outcomes ?? []).flatMap((outcome) => study.points(job, outcome))
        : [],
    ),
    jobs: jobs.length,
    missing: done.flatMap(([job, outcomes]) => (outcomes === undefined ? job : [])),
  }
}

/** undefined: the job is not finished, or an earlier version kept less of it than the study needs. */
function outcomesOf(study: Study, job: Job, results: Results): readonly Outcome[] | undefined {
  const outcomes = results.find(job) ?? halfOfPretrained(job, results)
  return outcomes?.every(study.suffices ?? (() => true)) ? outcomes : undefined
}

/** What a finished pre-training says of one of its halves, which is learned as it would be alone. */
function halfOfPretrained(job: Job, results: Results): readonly Outcome[] | undefined {
  if (job.model === 'pretrained') return undefined
  const of = results.find({ ...job, model: 'pretrained' })
  const own = of?.filter(({ model }) => model === job.model)
  return own?.length ? own : undefined
}

/** Ends early, with what is finished by then, when the process is asked to stop. */
export async function runStudy(
  study: Study,
  { request, models }: Pick<StudyOptions, 'request' | 'models'>,
  { split, engine, results, io }: StudyRun,
): Promise<Found> {
  const jobs = study.jobs(request)
  const progress = createProgress(io.stderr)
  const left = jobs.filter((job) => outcomesOf(study, job, results) === undefined)
  const open = left.filter(({ model }) => models.includes(model))
  const others = left.length > open.length ? `, ${left.length - open.length} of other models` : ''
  progress.say(`${jobs.length} jobs, ${jobs.length - left.length} of them finished before${others}`)
  const context = {
    split,
    engine,
    sequences: createWasmSequenceEngine(),
    fullUsersMax,
    nowMs: io.elapsedMs,
    onEpoch(report: Parameters<typeof progress.epoch>[0]) {
      progress.epoch(report)
      return yieldToEventLoop(io.stop)
    },
  }
  try {
    for (const [k, job] of open.entries()) {
      await yieldToEventLoop(io.stop)
      if (outcomesOf(study, job, results) !== undefined) continue
      const outcomes = await runJob(job, context)
      results.add(job, outcomes)
      const best = Math.max(...outcomes.map(({ sampled }) => sampled.hr10 ?? 0))
      progress.say(`${k + 1} of ${open.length}: ${nameOf(job)}: HR@10 ${shareText(best)}`)
    }
  } catch (cause) {
    if (!io.stop?.aborted) throw cause
  }
  progress.close()
  return foundOf(study, request, results)
}

const nameOf = (job: Job): string => namesOf([job]).join()

/** Jobs in words; those that differ by one number share a name, at whose end all of them stand. */
export function namesOf(jobs: readonly Job[]): string[] {
  const groups = new Map<string, number[]>()
  for (const { model, factors, seed, depth, ratio } of jobs) {
    const varied = depth ?? ratio
    const of = depth === undefined ? 'ratio' : 'depth'
    const name = varied === undefined ? `seed ${seed}, f=` : `f=${factors} seed ${seed}, ${of} `
    const own = groups.get(`${model} ${name}`) ?? []
    groups.set(`${model} ${name}`, [...own, varied ?? factors])
  }
  return [...groups].map(([name, numbers]) => `${name}${numbers.join(', ')}`)
}
