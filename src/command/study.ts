// `neupr-worker study NAME`: a table and plots of the paper made again, with the paper's figures beside. Jobs that are
// finished are kept, so a study can be stopped at any time and goes on with the same command.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Argument, Command } from 'commander'
import { createWasmSequenceEngine } from '../adapters/wasm/sequence/engine.ts'
import { type Split, splitNcr } from '../lab/offline/leave-one-out.ts'
import { type Job, runJob } from '../lab/study/job.ts'
import { paperData } from '../lab/study/paper-figures.ts'
import type { Point } from '../lab/study/plan.ts'
import { type StudyName, studies, studyNames } from '../lab/study/studies.ts'
import type { Engine } from '../ports/engine.ts'
import { createRandom } from '../sample/random.ts'
import { createBreath } from './breath.ts'
import { createProgress } from './evaluate/progress.ts'
import { readRows } from './evaluate/rows.ts'
import type { EvaluateIo } from './evaluate.ts'
import { addKernelOptions, openKernels } from './kernel-flags.ts'
import { readStudyFlags, type StudyFlags, type StudyOptions } from './study/flags.ts'
import { reportOf } from './study/report.ts'
import { openResults, type Results } from './study/results.ts'

/** Users ranked in the whole catalogue by models that compare pairs. */
const fullUsersMax = 500

export function studyCommand(io: EvaluateIo): Command {
  const command = new Command('study')
    .description(
      'the studies of the paper again, as tables and plots beside its figures: factors (Tables 1 and 3), ' +
        'depth, negatives (ratio), alpha (pre-training), loss (epoch by epoch); and history: its length ' +
        'and decay. Of users and items with ten events the latest item is the test, the one before ' +
        'chooses the epoch. Stop it when you like: the same command goes on where it was',
    )
    .addArgument(new Argument('<study>', 'which one').choices(studyNames))
    .requiredOption('--data <file>', 'log to split: TSV, CSV, `::` or NDJSON, plain or gzip')
    .option('--out <dir>', 'where tables, plots and finished jobs go', 'study')
    .option('--quick', 'fewer cells and 5 epochs: to see the shape, not the figures')
    .option('--seeds <numbers>', 'seeds, each cell is run with all; the mean is shown', '1')
    .option('--factors <sizes>', 'factors: the sizes (8,16,32,64); the others: the size (8)')
    .option('--epochs <count>', 'most epochs of a model (a default per model)')
    .option('--patience <epochs>', 'epochs without a better validation before the end', '3')
    .option('--minimum <count>', 'fewest events of a user and of an item', '10')
    .option('--draw-seed <number>', 'seed of the drawn negatives', '2017')
    .option('--json', 'print the points as JSON instead of the table')
  return addKernelOptions(command).action(async (name: StudyName, flags: StudyFlags) => {
    const options = readStudyFlags(flags)
    const engine = openKernels(flags)
    const split = await readSplit(flags.data, options, io)
    const results = openResults(join(flags.out, 'results.ndjson'), fingerprint(split, options))
    const { points, missing } = await run(name, split, engine, options, results, io)
    const isOfPaper =
      split.users.length === paperData.users && split.items.length === paperData.items
    const study = { ...studies[name], ...(isOfPaper ? {} : { paper: [] }) }
    const report = reportOf(name, study, points, facts(split, options, missing, isOfPaper))
    writeFileSync(join(flags.out, `${name}.md`), report.markdown)
    for (const [file, text] of report.charts) writeFileSync(join(flags.out, file), text)
    io.stdout.write(flags.json === true ? `${JSON.stringify(points)}\n` : `${report.markdown}\n`)
    io.stderr.write(
      `written: ${[`${name}.md`, ...report.charts.keys()].join(', ')} in ${flags.out}\n`,
    )
    if (missing > 0) io.stderr.write(`${missing} jobs are still to do: the same command goes on\n`)
  })
}

async function readSplit(data: string, options: StudyOptions, io: EvaluateIo): Promise<Split> {
  const { rows } = await readRows(data, io.elapsedMs)
  const random = createRandom(options.drawSeed, 'evaluate.negatives')
  return splitNcr(rows, random, { minimum: options.minimum })
}

/** Tells one split from another, wherever the file lies and whatever its name. */
function fingerprint(split: Split, { drawSeed }: StudyOptions): string {
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

async function run(
  name: StudyName,
  split: Split,
  engine: Engine,
  options: StudyOptions,
  results: Results,
  io: EvaluateIo,
) {
  const study = studies[name]
  const jobs = study.jobs(options.request)
  const progress = createProgress(io.stderr)
  const open = jobs.filter((job) => results.find(job) === undefined)
  progress.say(`${jobs.length} jobs, ${jobs.length - open.length} of them finished before`)
  const breath = createBreath(io.stop)
  const context = {
    split,
    engine,
    sequences: createWasmSequenceEngine(),
    fullUsersMax,
    nowMs: io.elapsedMs,
    onEpoch(report: Parameters<typeof progress.epoch>[0]) {
      progress.epoch(report)
      return breath()
    },
  }
  try {
    for (const [k, job] of open.entries()) {
      await breath()
      const outcomes = await runJob(job, context)
      results.add(job, outcomes)
      const best = Math.max(...outcomes.map(({ sampled }) => sampled.hr10))
      progress.say(`${k + 1} of ${open.length}: ${told(job)}: HR@10 ${best.toFixed(4)}`)
    }
  } catch (cause) {
    if (!io.stop?.aborted) throw cause
  }
  progress.close()
  const done = jobs.map((job) => [job, results.find(job)] as const)
  const points: Point[] = done.flatMap(([job, outcomes]) =>
    (outcomes ?? []).flatMap((outcome) => study.points(job, outcome)),
  )
  return { points, missing: done.filter(([, outcomes]) => outcomes === undefined).length }
}

function told({ model, factors, seed, depth, ratio }: Job): string {
  const more = Object.entries({ depth, ratio }).filter(([, value]) => value !== undefined)
  return [
    `${model} f=${factors} seed ${seed}`,
    ...more.map(([what, value]) => `${what} ${value}`),
  ].join(', ')
}

function facts(
  split: Split,
  { request, minimum }: StudyOptions,
  missing: number,
  isOfPaper: boolean,
): string[] {
  const { seeds, epochs, patience } = request
  const judged = split.test.items.filter((item) => item >= 0).length
  return [
    `${split.users.length} users and ${split.items.length} items with at least ${minimum} events, ` +
      `${split.train.items.length} events to learn from, ${judged} users judged among 100 items each.`,
    `Seeds: ${seeds.join(', ')}. Most epochs: ${epochs ?? 'by model'}; patience: ${patience} on validation HR@10.`,
    ...(missing > 0 ? [`**Not complete: ${missing} jobs are still to do.**`] : []),
    isOfPaper
      ? 'Rows named «the paper» are its figures for MovieLens 1M, as far as they are known here (–: not known).'
      : 'The paper has no figures for this data.',
  ]
}
