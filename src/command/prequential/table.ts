// The results of a played stream as Markdown: who is how good in which span, what old tastes are known, what it costs.

import { type Span, spans } from '../../lab/stream/tally.ts'
import type { Contestant, PrequentialResult } from './results.ts'

const spanNames: Readonly<Record<Span, string>> = {
  all: 'all',
  middle: '40–70 %',
  last30: 'last 30 %',
  cold: 'cold users',
  returning: 'returning',
}

/** What the rankers of each contestant's run are called; those without a name here are not shown. */
const shown: Readonly<Record<Contestant, Readonly<Record<string, string>>>> = {
  worker: {
    model: '**the worker**',
    'history.nbpr': 'its history, NBPR, alone',
    'history.dncr': 'its history, DNCR, alone',
    'history.clock': 'its history by the clock, NBPR, alone',
    'rows.nbpr': 'its rows alone',
    neighbours: 'its neighbours alone',
    trend: 'its trend alone',
    popularity: 'ItemPop, all time',
    recent: 'ItemPop, last 1,000 events',
    itemKnn: 'ItemKNN, incremental',
    ease: 'EASE, trained anew every 10 %',
  },
  'rows+trend': { 'rows.nbpr': 'user rows, tuned', model: 'user rows, tuned, + trend' },
  paper: { model: "the paper's network: user rows, SGD, uniform negatives" },
}

export function prequentialTable(results: readonly PrequentialResult[]): string {
  const [worker] = results
  if (worker === undefined) return ''
  return [
    `${worker.data}: ${worker.strict ? 'strict' : 'live'}, HR@10 / NDCG@10 among 100 others`,
    '',
    ...qualityLines(results),
    '',
    ...oldTastesLines(worker),
    '',
    ...costLines(worker),
  ].join('\n')
}

function qualityLines(results: readonly PrequentialResult[]): string[] {
  const { events, quality } = results[0]!
  const head = spans.map((span) => `${spanNames[span]} (${events[span]})`)
  const rows = results.flatMap(({ contestant, quality }) =>
    Object.entries(shown[contestant])
      .filter(([name]) => name in quality)
      .map(([name, called]) =>
        row(
          called,
          spans.map((span) => both(quality[name]![span])),
        ),
      ),
  )
  const errors = spans.map((span) => `± ${share(quality.model![span].se)}`)
  return [...table(['', ...head]), ...rows, row('standard error of HR@10', errors)]
}

function oldTastesLines({ oldTastes }: PrequentialResult): string[] {
  const { probes, at30, atEnd } = oldTastes
  const rows = Object.keys(atEnd).map((name) => row(name, [both(at30[name]!), both(atEnd[name]!)]))
  return [...table([`old tastes (${probes} users)`, 'at 30 %', 'at the end']), ...rows]
}

function costLines({ cost, seconds, events }: PrequentialResult): string[] {
  const parts = Object.entries(cost)
  const sum = parts.reduce((total, [, us]) => total + us, 0)
  const rows = [...parts, ['together', sum] as const].map(([name, us]) =>
    row(name, [us.toFixed(1)]),
  )
  const measured = `with all measures ${seconds.toFixed(0)} s for ${events.all} scored events`
  return [...table(['learning', 'µs an event']), ...rows, '', measured]
}

function table(head: readonly string[]): string[] {
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`]
}

function row(name: string, cells: readonly string[]): string {
  return `| ${[name, ...cells].join(' | ')} |`
}

function both({ hr10, ndcg10 }: { readonly hr10: number; readonly ndcg10: number }): string {
  return `${share(hr10)} / ${share(ndcg10)}`
}

function share(value: number): string {
  return value.toFixed(4).replace(/^0/, '')
}
