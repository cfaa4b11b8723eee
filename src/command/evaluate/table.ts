// The results as a Markdown table, seeds of one setting on one line: mean ± standard error. With one seed the
// error is that of the draw of users, with several the spread of the seeds.

import type { OfflineResult } from '../../lab/offline/run.ts'
import { meanOf } from '../../measure/metrics.ts'

const head = [
  'model',
  'parts',
  'f',
  'validation known',
  'HR@10',
  'NDCG@10',
  'Algorithm 1 HR@10',
  'full HR@10',
  'full NDCG@10',
  'seeds',
  'epochs',
  'seconds',
  'of one core',
]

export function resultTable(results: readonly OfflineResult[]): string {
  const groups = new Map<string, OfflineResult[]>()
  for (const result of results) {
    const { model, parts, factors, validationInHistory } = result
    const key = JSON.stringify([model, parts, factors, validationInHistory])
    groups.set(key, [...(groups.get(key) ?? []), result])
  }
  const lines = [...groups.values()].map((group) => `| ${cells(group).join(' | ')} |`)
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...lines].join('\n')
}

function cells(group: readonly OfflineResult[]): string[] {
  const [first] = group
  if (first === undefined) return []
  const mean = (of: (result: OfflineResult) => number) => meanOf(group.map(of))
  const hr = mean((result) => result.sampled.hr10)
  const error = group.length > 1 ? hr.se : first.sampled.se
  const listed = group.every((result) => result.algorithm1 !== undefined)
  return [
    first.model,
    first.parts ?? '–',
    first.factors === null ? '–' : String(first.factors),
    first.validationInHistory ? 'yes' : 'no',
    `${share(hr.mean)} ± ${share(error)}`,
    share(mean((result) => result.sampled.ndcg10).mean),
    listed ? share(mean((result) => result.algorithm1?.hr10 ?? 0).mean) : '–',
    share(mean((result) => result.full.hr10).mean),
    share(mean((result) => result.full.ndcg10).mean),
    String(group.length),
    mean((result) => result.epochs).mean.toFixed(0),
    mean((result) => result.seconds).mean.toFixed(0),
    mean((result) => result.processorSeconds).mean.toFixed(0),
  ]
}

function share(value: number): string {
  return value.toFixed(4).replace(/^0/, '')
}
