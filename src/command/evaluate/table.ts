// The results as Markdown tables of at most 100 columns, seeds of one setting on one line: mean ± standard error. With
// one seed the error is that of the sample of users, with several it is the spread of the seeds.

import type { OfflineResult } from '../../lab/offline/run.ts'
import { meanOf, type Quality, shareText } from '../../measure/metrics.ts'
import { tableText } from '../table-text.ts'

type Group = readonly OfflineResult[]

/** A column that says nothing in any row is left out. */
interface Column {
  readonly head: string
  readonly cell: (group: Group) => string
}

const nothing = '–'
const widthMax = 100

const qualityColumns: readonly Column[] = [
  { head: 'model', cell: ([first]) => nameOf(first!) },
  { head: 'known', cell: ([first]) => (first!.validationInHistory ? 'yes' : nothing) },
  { head: 'HR@10', cell: (group) => `${mean(group, hr10)} ± ${errorOf(group)}` },
  { head: 'NDCG@10', cell: (group) => mean(group, ({ sampled }) => sampled.ndcg10) },
  { head: 'Algorithm 1', cell: (group) => both(group, ({ algorithm1 }) => algorithm1) },
  { head: 'full', cell: (group) => both(group, ({ full }) => full) },
  { head: 'seeds', cell: (group) => (group.length > 1 ? String(group.length) : nothing) },
]
const costColumns: readonly Column[] = [
  { head: 'epochs', cell: (group) => whole(group, ({ epochs }) => epochs) },
  { head: 'seconds', cell: (group) => whole(group, ({ seconds }) => seconds) },
  { head: 'CPU', cell: (group) => whole(group, ({ processorSeconds }) => processorSeconds) },
]

const legend: Readonly<Record<string, string>> = {
  known: 'known: the validation item is part of the history at the test',
  'Algorithm 1': "Algorithm 1: HR@10 / NDCG@10 of the lists that the paper's Algorithm 1 makes",
  full: 'full: HR@10 / NDCG@10 among the whole catalogue',
}

export function resultTable(results: readonly OfflineResult[]): string {
  const groups = new Map<string, OfflineResult[]>()
  for (const result of results) {
    const { model, parts, factors, validationInHistory } = result
    const key = JSON.stringify([model, parts, factors, validationInHistory])
    groups.set(key, [...(groups.get(key) ?? []), result])
  }
  const rows = [...groups.values()]
  const [model] = qualityColumns
  const whole = tableOf([...qualityColumns, ...costColumns], rows)
  const isWide = whole.split('\n').some((line) => line.length > widthMax)
  const tables = isWide
    ? [tableOf(qualityColumns, rows), '', tableOf([model!, ...costColumns], rows)]
    : [whole]
  const notes = columnsIn(qualityColumns, rows).flatMap(({ head }) => legend[head] ?? [])
  return [...tables, '', ...notes].join('\n')
}

function columnsIn(columns: readonly Column[], rows: readonly Group[]): readonly Column[] {
  return columns.filter(({ cell }) => rows.some((group) => cell(group) !== nothing))
}

function tableOf(columns: readonly Column[], rows: readonly Group[]): string {
  const shown = columnsIn(columns, rows)
  return tableText(
    shown.map(({ head }) => head),
    rows.map((group) => shown.map(({ cell }) => cell(group))),
  )
}

function nameOf({ model, parts, factors }: OfflineResult): string {
  return [model, ...(parts === null ? [] : [parts]), ...(factors === null ? [] : [factors])].join(
    ' ',
  )
}

const hr10 = ({ sampled }: OfflineResult) => sampled.hr10

function errorOf(group: readonly OfflineResult[]): string {
  if (group.length === 1) return shareText(group[0]!.sampled.se)
  return shareText(meanOf(group.map((result) => hr10(result) ?? Number.NaN)).se)
}

/** The mean over the group; null where any of it was not measured. */
function mean(group: Group, of: (result: OfflineResult) => number | null | undefined): string {
  const values = group.map(of)
  if (values.some((value) => typeof value !== 'number')) return nothing
  return shareText(meanOf(values as number[]).mean)
}

function both(group: Group, of: (result: OfflineResult) => Quality | undefined): string {
  const [hr, ndcg] = [mean(group, (one) => of(one)?.hr10), mean(group, (one) => of(one)?.ndcg10)]
  return hr === nothing ? nothing : `${hr} / ${ndcg}`
}

function whole(group: readonly OfflineResult[], of: (result: OfflineResult) => number): string {
  return meanOf(group.map(of)).mean.toFixed(0)
}
