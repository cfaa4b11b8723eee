// One page with every table and figure of the paper beside ours, out of the jobs that are finished; what was not run is
// named.

import type { Split } from '../../lab/offline/leave-one-out.ts'
import { type PaperData, paperData } from '../../lab/study/paper-figures.ts'
import { type StudyName, studies } from '../../lab/study/studies.ts'
import type { StudyOptions } from './flags.ts'
import { tableOf } from './report.ts'
import { type Found, namesOf } from './run-study.ts'

export interface PaperLog {
  readonly data: PaperData
  readonly split: Split
  /** The log has as many users and items as the paper's. */
  readonly isOfPaper: boolean
  readonly found: ReadonlyMap<StudyName, Found>
}

const titles: Readonly<Record<PaperData, string>> = {
  movielens: 'MovieLens 1M',
  music: 'Amazon Digital Music',
}

const head = [
  '# The paper',
  '',
  '«Neural Collaborative Ranking» (CIKM 2018) beside this program, offline, by its own protocol. Users and items have',
  'at least ten events, counted once on the whole log. The latest item of each user is the test, the one before it',
  'chooses the epoch, and both are ranked among 100 items that the user never has; ties get the middle rank. How the',
  'worker itself does on a stream is in [Benchmarks](benchmarks.md).',
  '',
  '    neupr-worker study paper --data ml-1m.tsv.gz --music amazon-digital-music.tsv.gz --out study',
  '',
  'writes this page as `study/paper.md`; plots come from `neupr-worker study NAME`. It takes hours: it can be stopped',
  'at any time and goes on where it was, `--only top-k` runs one part, `--models bpr,eals` some models, and',
  '`--only none` writes the page out of what is finished.',
  '',
  '* A pair is HR@10 / NDCG@10, unless said otherwise. Rows named «the paper» are what it prints, where that is known',
  '  here; – is a figure that was not run, or that is not known of the paper. Figures 3 to 6 are curves there.',
  '* HR@10 of 6,000 users has a standard error of .006: most distances between models of one family are within it.',
  '* ItemPop has no factors, but has two sets of figures in the paper: those of f = 8 belong to this split.',
  "* NBPR, DNCR and NeuPR are the paper's: a row for each user. EASE is not in the paper: a linear model, to know what",
  '  a simple one does. With histories in place of rows the same networks do better: see Benchmarks.',
  '* A tower stands on a plateau at first, longest where data are sparse: for nine epochs of Digital Music DNCR is no',
  '  better than ItemPop. Hence the patience.',
  '* Digital Music: the paper has the edition of 2014. The log here is another edition, so only the order of the',
  '  models can be compared.',
]

export function paperPage(logs: readonly PaperLog[], options: StudyOptions): string {
  const { seeds, epochs, patience, factors } = options.request
  const settings = [
    `Seeds: ${seeds.join(', ')}. Most epochs: ${epochs ?? 'by model'}; patience: ${patience} epochs. Where a study`,
    `does not vary them, f = ${factors[0] ?? 8}, four layers and the ratio of each model by default.`,
  ]
  const sections = options.shown.flatMap((name) => {
    const { title, remark } = studies[name]
    return ['', `## ${title}`, '', remark, ...logs.flatMap((log) => tablesOf(name, log))]
  })
  return [...head, '', ...settings, '', ...dataTable(logs), ...sections, ''].join('\n')
}

function dataTable(logs: readonly PaperLog[]): string[] {
  const rows = logs.flatMap(({ data, split }) => {
    const { users, items, events } = paperData[data]
    const held = [split.validation.items, split.test.items]
    const own = held.reduce(
      (sum, ids) => sum + ids.filter((id) => id >= 0).length,
      split.train.items.length,
    )
    const row = (...cells: readonly (string | number)[]) =>
      `| ${cells.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en-US') : cell)).join(' | ')} |`
    return [
      row(titles[data], split.users.length, split.items.length, own),
      row(`${titles[data]}, the paper`, users, items, events),
    ]
  })
  return [
    '## Data',
    '',
    '| after the filter | users | items | events |',
    '|---|---|---|---|',
    ...rows,
  ]
}

function tablesOf(name: StudyName, { data, isOfPaper, found }: PaperLog): string[] {
  const study = studies[name]
  const { points, jobs, missing } = found.get(name)!
  // Of another edition the paper's figures are shown all the same: they are named so.
  const paper = isOfPaper || data === 'music' ? study.paper[data] : []
  const unlike = data === 'movielens' && !isOfPaper ? ", another log than the paper's" : ''
  const listed = namesOf(missing).join('; ')
  const table = points.length + paper.length > 0 ? ['', ...tableOf(study, points, paper)] : []
  const left =
    missing.length === 0 ? [] : ['', `Not run: ${missing.length} of ${jobs} jobs: ${listed}.`]
  return ['', `### ${titles[data]}${unlike}: ${name}`, ...table, ...left]
}
