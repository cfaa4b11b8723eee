// `neupr-worker study NAME`: reproduces a table and plots of the paper, with the paper's own figures beside them.
// Finished jobs are kept, so a study can be stopped at any time and is continued by the same command.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Argument, Command } from 'commander'
import { createWasmSequenceEngine } from '../adapters/wasm/sequence/engine.ts'
import type { Split } from '../lab/offline/leave-one-out.ts'
import { type Job, runJob } from '../lab/study/job.ts'
import { paperData } from '../lab/study/paper-figures.ts'
import type { Point } from '../lab/study/plan.ts'
import { type StudyName, studies, studyNames } from '../lab/study/studies.ts'
import { shareText } from '../measure/metrics.ts'
import type { Engine } from '../ports/engine.ts'
import { createProgress } from './evaluate/progress.ts'
import { readSplit } from './evaluate/split.ts'
import type { EvaluateIo } from './evaluate.ts'
import { yieldToEventLoop } from './event-loop.ts'
import { addKernelOptions, openKernels } from './kernel-flags.ts'
import { addReadingSettings, readingSettingsOf } from './reading-flags.ts'
import { readStudyFlags, type StudyFlags, type StudyOptions } from './study/flags.ts'
import { reportOf } from './study/report.ts'
import { openResults, type Results } from './study/results.ts'

/** Users ranked in the whole catalogue by models that compare pairs. */
const fullUsersMax = 500

export function studyCommand(io: EvaluateIo): Command {
  const command = new Command('study')
    .description(
      "reproduce the paper's studies as tables and plots beside its figures: factors (Tables 1 and 3), " +
        'depth, negatives (ratio), alpha (pre-training), loss (epoch by epoch); and history: its length ' +
        'and decay. Users and items need ten events; the latest item of a user is the test, the one ' +
        'before it chooses the epoch. You can stop it at any time: the same command continues it',
    )
    .addArgument(new Argument('<study>', 'which one').choices(studyNames))
    .requiredOption(
      '--data <file>',
      'log to split: TSV, CSV, `::` or JSON, plain, gzip or zstd; - for standard input',
    )
    .option('--out <dir>', 'directory for tables, plots and finished jobs', 'study')
    .option('--quick', 'fewer cells and 5 epochs: shows the shape, not the figures')
    .option('--seeds <numbers>', 'seeds; every cell is run with each, and the mean is shown', '1')
    .option('--factors <sizes>', 'factors: the sizes (8,16,32,64); other studies: one size (8)')
    .option('--epochs <count>', 'most epochs (each model has a default)')
    .option('--patience <epochs>', 'stop after so many epochs without a better validation', '3')
    .option('--minimum <count>', 'leave out users and items with fewer events', '10')
    .option('--draw-seed <number>', 'seed for drawing the negatives', '2017')
    .option('--json', 'print the points as JSON instead of the table')
  addReadingSettings(addKernelOptions(command))
  return command.action(async (name: StudyName, flags: StudyFlags) => {
    const options = readStudyFlags(flags)
    const engine = openKernels(flags)
    const { minimum, drawSeed } = options
    const config = readingSettingsOf(flags, io)
    const say = (text: string): void => void io.stderr.write(`${text}\n`)
    const split = await readSplit({ minimum, drawSeed }, { input: flags.data, config, io, say })
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
    if (missing > 0) io.stderr.write(`${missing} jobs are left: the same command continues\n`)
  })
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
      const outcomes = await runJob(job, context)
      results.add(job, outcomes)
      const best = Math.max(...outcomes.map(({ sampled }) => sampled.hr10 ?? 0))
      progress.say(`${k + 1} of ${open.length}: ${nameOf(job)}: HR@10 ${shareText(best)}`)
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

function nameOf({ model, factors, seed, depth, ratio }: Job): string {
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
    ...(missing > 0 ? [`**Not complete: ${missing} jobs are left.**`] : []),
    isOfPaper
      ? 'Rows named «the paper» are its figures for MovieLens 1M, as far as they are known here (–: not known).'
      : 'The paper has no figures for this data.',
  ]
}
