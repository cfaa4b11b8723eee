// `neupr-worker study NAME`: reproduces a table and plots of the paper, with the paper's own figures beside them;
// `study paper` all of them on one page. Finished jobs are kept, so a study can be stopped at any time and is continued
// by the same command.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Argument, Command } from 'commander'
import type { Split } from '../lab/offline/leave-one-out.ts'
import { paperData } from '../lab/study/paper-figures.ts'
import { type StudyName, studies, studyNames } from '../lab/study/studies.ts'
import { readSplit } from './evaluate/split.ts'
import type { EvaluateIo } from './evaluate.ts'
import { addKernelOptions, openKernels } from './kernel-flags.ts'
import { addReadingSettings, readingSettingsOf } from './reading-flags.ts'
import { readStudyFlags, type StudyFlags, type StudyOptions } from './study/flags.ts'
import { type PaperLog, paperPage } from './study/paper-page.ts'
import { reportOf } from './study/report.ts'
import { openResults } from './study/results.ts'
import { fingerprint, foundOf, runStudy, type StudyRun } from './study/run-study.ts'

export function studyCommand(io: EvaluateIo): Command {
  const command = new Command('study')
    .description(
      "reproduce the paper's studies as tables and plots beside its figures: factors (Tables 1 and 3), " +
        'top-k (lists of 1 to 10), negatives (ratio), depth, alpha (pre-training), loss (epoch by epoch); ' +
        'paper: all of these on one page; and history: its length ' +
        'and decay. Users and items need ten events; the latest item of a user is the test, the one ' +
        'before it chooses the epoch. You can stop it at any time: the same command continues it',
    )
    .addArgument(new Argument('<study>', 'which one').choices([...studyNames, 'paper']))
    .requiredOption(
      '--data <file>',
      'log to split: TSV, CSV, `::` or JSON, plain, gzip or zstd; - for standard input',
    )
    .option('--music <file>', 'paper: a log of Amazon Digital Music as well')
    .option(
      '--only <studies>',
      'paper: run these alone, or none, and show of the others what is finished',
    )
    .option(
      '--models <names>',
      'run the jobs of these models alone, as bpr,eals: the page names the jobs that are left',
    )
    .option('--out <dir>', 'directory for tables, plots and finished jobs', 'study')
    .option('--quick', 'fewer cells and 5 epochs: shows the shape, not the figures')
    .option('--seeds <numbers>', 'seeds; every cell is run with each, and the mean is shown', '1')
    .option('--factors <sizes>', 'factors: the sizes (8,16,32,64); other studies: one size (8)')
    .option('--epochs <count>', 'most epochs (each model has a default)')
    .option(
      '--patience <epochs>',
      'stop after this many epochs without a better validation: on sparse data a tower gets no better for ten at first',
      '20',
    )
    .option('--minimum <count>', 'leave out users and items with fewer events', '10')
    .option('--draw-seed <number>', 'seed for drawing the negatives', '2017')
    .option('--json', 'print the points as JSON instead of the table')
  addReadingSettings(addKernelOptions(command))
  return command.action((name: StudyName | 'paper', flags: StudyFlags) => {
    const options = readStudyFlags(name, flags)
    return name === 'paper' ? writePaper(flags, options, io) : writeStudy(name, flags, options, io)
  })
}

async function writeStudy(
  name: StudyName,
  flags: StudyFlags,
  options: StudyOptions,
  io: EvaluateIo,
): Promise<void> {
  const run = await openRun(flags.data, flags, options, io)
  const study = studies[name]
  const { points, missing } = await runStudy(study, options, run)
  const isOfPaper = isPapers(run.split)
  const ofPaper = isOfPaper ? study.paper.movielens : []
  const told = facts(run.split, options, missing.length, isOfPaper)
  const report = reportOf(name, study, points, ofPaper, told)
  writeFileSync(join(flags.out, `${name}.md`), report.markdown)
  for (const [file, text] of report.charts) writeFileSync(join(flags.out, file), text)
  io.stdout.write(flags.json === true ? `${JSON.stringify(points)}\n` : `${report.markdown}\n`)
  io.stderr.write(
    `written: ${[`${name}.md`, ...report.charts.keys()].join(', ')} in ${flags.out}\n`,
  )
  if (missing.length > 0) {
    io.stderr.write(`${missing.length} jobs are left: the same command continues\n`)
  }
}

async function writePaper(flags: StudyFlags, options: StudyOptions, io: EvaluateIo): Promise<void> {
  const logs: PaperLog[] = []
  for (const [data, file] of [
    ['movielens', flags.data] as const,
    ['music', flags.music] as const,
  ]) {
    if (file === undefined) continue
    const run = await openRun(file, flags, options, io)
    const found = new Map<StudyName, ReturnType<typeof foundOf>>()
    for (const name of options.only) {
      if (io.stop?.aborted) break
      io.stderr.write(`${name} on ${file}\n`)
      await runStudy(studies[name], options, run)
    }
    for (const name of options.shown) {
      found.set(name, foundOf(studies[name], options.request, run.results))
    }
    logs.push({
      data,
      split: run.split,
      isOfPaper: data === 'movielens' && isPapers(run.split),
      found,
    })
  }
  const markdown = paperPage(logs, options)
  writeFileSync(join(flags.out, 'paper.md'), markdown)
  io.stdout.write(`${markdown}\n`)
  io.stderr.write(`written: paper.md in ${flags.out}\n`)
}

async function openRun(
  input: string,
  flags: StudyFlags,
  options: StudyOptions,
  io: EvaluateIo,
): Promise<StudyRun> {
  const { minimum, drawSeed } = options
  const engine = openKernels(flags)
  const config = readingSettingsOf(flags, io)
  const say = (text: string): void => void io.stderr.write(`${text}\n`)
  const split = await readSplit({ minimum, drawSeed }, { input, config, io, say })
  const results = openResults(join(flags.out, 'results.ndjson'), fingerprint(split, options))
  return { split, engine, results, io }
}

function isPapers({ users, items }: Split): boolean {
  const { movielens } = paperData
  return users.length === movielens.users && items.length === movielens.items
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
