// A study's points as a Markdown table and as charts, ours and the paper's beside each other. Seeds are averaged.

import type { Measure, Point, Study } from '../../lab/study/plan.ts'
import { meanOf, shareText } from '../../measure/metrics.ts'
import { type ChartSeries, lineChart } from './chart.ts'

/** More columns than a page holds are thinned out evenly; the charts show all. */
const columnsMax = 12

export interface Report {
  readonly markdown: string
  /** Name of the file by its text. */
  readonly charts: ReadonlyMap<string, string>
}

/** `name` begins the names of the files; `paper`: its own points; `facts` are lines about data and settings. */
export function reportOf(
  name: string,
  study: Study,
  points: readonly Point[],
  paper: readonly Point[],
  facts: readonly string[],
): Report {
  const mean = averaged(points)
  const charts = new Map(
    study.measures
      .filter((measure) => mean.some((point) => measure.name in point.values))
      .map(
        (measure) => [`${name}-${measure.name}.svg`, chartOf(study, measure, mean, paper)] as const,
      ),
  )
  const images = [...charts.keys()].map((file) => `![${study.title}: ${file}](${file})`)
  const table = tableOf(study, points, paper)
  const markdown = [
    `# ${study.title}`,
    '',
    ...facts,
    '',
    study.remark,
    '',
    ...table,
    '',
    ...images,
    '',
  ]
  return { markdown: markdown.join('\n'), charts }
}

function averaged(points: readonly Point[]): Point[] {
  const groups = new Map<string, Point[]>()
  for (const point of points) {
    const key = JSON.stringify([point.series, point.x])
    groups.set(key, [...(groups.get(key) ?? []), point])
  }
  return [...groups.values()].map((group) => {
    const [first] = group
    const names = Object.keys(first!.values)
    const values = names.map((name) => [name, meanOf(group.map((one) => one.values[name]!)).mean])
    return { ...first!, values: Object.fromEntries(values) as Record<string, number> }
  })
}

/** A row for each series, with that of the paper below it. Seeds are averaged. */
export function tableOf(
  study: Study,
  ofSeeds: readonly Point[],
  ofPaper: readonly Point[],
): string[] {
  const points = averaged(ofSeeds)
  const all = [...points, ...ofPaper]
  const xs = [...new Set(all.flatMap(({ x }) => (x === null ? [] : [x])))].sort((a, b) => a - b)
  const every = Math.ceil(xs.length / columnsMax)
  const shown = xs.filter((_, k) => k % every === 0 || k === xs.length - 1)
  const names = study.measures.map(({ label }) => label.replace(/ \(.*/, '')).join(' / ')
  const row = (heading: string, of: readonly Point[]): string => {
    const cell = (x: number) => {
      const own = of.find((point) => point.x === x) ?? of.find((point) => point.x === null)
      return study.measures.map(({ name }) => shareText(own?.values[name])).join(' / ')
    }
    return `| ${[heading, ...shown.map(cell)].join(' | ')} |`
  }
  const series = [...new Set(all.map((point) => point.series))]
  const rows = series.flatMap((name) => {
    const ours = points.filter((point) => point.series === name)
    const paper = ofPaper.filter((point) => point.series === name)
    return [
      ...(ours.length > 0 ? [row(name, ours)] : []),
      ...(paper.length > 0 ? [row(`${name}, the paper`, paper)] : []),
    ]
  })
  return [
    `| ${names} | ${shown.join(' | ')} |`,
    `|---|${shown.map(() => '---|').join('')}`,
    ...rows,
  ]
}

function chartOf(
  study: Study,
  measure: Measure,
  points: readonly Point[],
  paper: readonly Point[],
): string {
  const series = [...seriesOf(points, measure, false), ...seriesOf(paper, measure, true)]
  const best = series
    .filter(({ isPaper }) => !isPaper)
    .map(
      (one) =>
        `${one.name} ${shareText(Math.max(one.level ?? 0, ...one.points.map(({ y }) => y)))}`,
    )
  const { title, xLabel, xScale } = study
  const about = `${measure.label} against ${xLabel}. The highest value of each series: ${best.join(', ')}.`
  return lineChart({ title, about, xLabel, yLabel: measure.label, xScale, series })
}

function seriesOf(
  points: readonly Point[],
  { name: measure }: Measure,
  isPaper: boolean,
): ChartSeries[] {
  const known = points.filter((point) => point.values[measure] !== undefined)
  return [...new Set(known.map((point) => point.series))].map((key) => {
    const own = known.filter((point) => point.series === key)
    const level = own.find(({ x }) => x === null)?.values[measure]
    const places = own.flatMap(({ x, values }) => (x === null ? [] : [{ x, y: values[measure]! }]))
    const name = isPaper ? `${key}, the paper` : key
    const sorted = places.sort((a, b) => a.x - b.x)
    return { name, key, isPaper, points: sorted, ...(level === undefined ? {} : { level }) }
  })
}
