// The results of a replay as Markdown tables: the quality by span of the stream, how well old tastes are known, and
// what learning costs.

import { type Span, spans } from '../../lab/stream/tally.ts'
import { type Quality, shareText } from '../../measure/metrics.ts'
import { tableText } from '../table-text.ts'
import type { Contestant, PrequentialResult } from './results.ts'

const spanNames: Readonly<Record<Span, string>> = {
  all: 'all',
  middle: '40–70 %',
  last30: 'last 30 %',
  cold: 'cold users',
  returning: 'returning',
}

/** What the rankers of each contestant's replay are called; those without a name here are not shown. */
const shown: Readonly<Record<Contestant, Readonly<Record<string, string>>>> = {
  worker: {
    model: '**the worker**',
    'history.nbpr': 'its history, NBPR, alone',
    'history.dncr': 'its history, DNCR, alone',
    'history.clock': 'its history by the clock, NBPR, alone',
    'rows.nbpr': 'its rows alone',
    neighbours: 'its neighbours alone',
    trend: 'its trend alone',
    match: 'its match alone',
    freshness: 'its freshness alone',
    'without.hidden-layer': 'without its hidden layer',
    popularity: 'ItemPop, all time',
    recent: 'ItemPop, last 1,000 events',
    itemKnn: 'ItemKNN, incremental',
    ease: 'EASE, retrained every 10 %',
  },
  'rows+trend': { 'rows.nbpr': 'user rows, tuned', model: 'user rows, tuned, + trend' },
  paper: { model: "the paper's network: user rows, SGD, uniform negatives" },
}

export function prequentialTable(results: readonly PrequentialResult[]): string {
  const [worker] = results
  if (worker === undefined) return ''
  return [
    `${worker.data}: ${worker.strict ? 'strict' : 'live'}, HR@10 / NDCG@10 among 100 others${measuredText(worker)}`,
    '',
    qualityTable(results),
    '',
    oldTastesTable(worker),
    '',
    wholeCatalogueTable(results),
    '',
    costTable(worker),
    '',
    `with all measures ${worker.seconds.toFixed(0)} s for ${worker.events.all} scored events`,
  ].join('\n')
}

function qualityTable(results: readonly PrequentialResult[]): string {
  const { events, quality } = results[0]!
  const head = spans.map((span) => `${spanNames[span]} (${events[span]})`)
  const rows = results.flatMap(({ contestant, quality }) =>
    Object.entries(shown[contestant])
      .filter(([name]) => name in quality)
      .map(([name, called]) => [called, ...spans.map((span) => both(quality[name]![span]))]),
  )
  const errors = spans.map((span) => {
    const { se } = quality.model![span]
    return se === null ? shareText(se) : `± ${shareText(se)}`
  })
  return tableText(['', ...head], [...rows, ['standard error of HR@10', ...errors]])
}

function oldTastesTable({ oldTastes }: PrequentialResult): string {
  const { probes, at30, atEnd } = oldTastes
  const rows = Object.keys(atEnd).map((name) => [name, both(at30[name]!), both(atEnd[name]!)])
  return tableText([`old tastes (${probes} users)`, 'at 30 %', 'at the end'], rows)
}

/** Of each contestant its model, and of the worker's replay the opponents. */
function wholeCatalogueTable(results: readonly PrequentialResult[]): string {
  const rows = results.flatMap(({ contestant, wholeCatalogue: { quality } }, k) =>
    Object.entries(quality)
      .filter(([name]) => k === 0 || name === 'model')
      .map(([name, one]) => [shown[contestant][name] ?? name, both(one)]),
  )
  const { events, listRecall } = results[0]!.wholeCatalogue
  if (listRecall !== null) {
    rows.push(['share of the ten best by score that a list of ten has', listRecall.toFixed(4)])
  }
  return tableText([`among the whole catalogue (${events} events of the last 30 %)`, ''], rows)
}

function costTable({ cost }: PrequentialResult): string {
  const parts = Object.entries(cost)
  const sum = parts.reduce((total, [, us]) => total + us, 0)
  const rows = [...parts, ['together', sum] as const].map(([name, us]) => [name, us.toFixed(1)])
  return tableText(['predicting, and learning by part', 'µs an event'], rows)
}

function both({ hr10, ndcg10 }: Quality): string {
  return hr10 === null ? shareText(hr10) : `${shareText(hr10)} / ${shareText(ndcg10)}`
}

function measuredText({ measured }: PrequentialResult): string {
  return measured === undefined ? '' : `, of ${measured}`
}
