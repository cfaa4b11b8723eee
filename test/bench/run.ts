// `npm run bench -- NAME … [FLAG …]`: runs benchmarks and prints their rows, one line of JSON each. --help says which
// there are, and which flags each reads (usage.ts).

import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import {
  endAsWrongCall,
  readCommandLine,
  wholeNumber,
  wholeNumbers,
} from '../runner/command-line.ts'
import { apiBench } from './api.ts'
import { checkpointBench } from './checkpoint.ts'
import { enginesBench } from './engines.ts'
import { eventBench } from './event.ts'
import { freshnessBench } from './freshness.ts'
import { growthBench } from './growth.ts'
import { implicitRows } from './implicit.ts'
import { listsBench } from './lists.ts'
import { liveBench } from './live.ts'
import { longBench } from './long.ts'
import { overloadBench } from './overload.ts'
import { pipelineBench } from './pipeline.ts'
import { poisoningBench } from './poisoning.ts'
import { millionBench, rankingBench } from './ranking.ts'
import { sampleBench } from './sample.ts'
import { scrapeBench } from './scrape.ts'
import { sheddingBench } from './shedding.ts'
import { shopBench } from './shop.ts'
import { sizeBench, sizesOf } from './size.ts'
import { startBench } from './start.ts'
import { type BenchRow, storeBench } from './store.ts'
import { streamEvents } from './stream-events.ts'
import { rankTasks, trainTasks } from './tasks.ts'
import { threadsBench } from './threads.ts'
import { turnsBench } from './turns.ts'
import { type BenchName, benchNames, benchUsage, readersOf, unreadFlag } from './usage.ts'
import { windowsBench } from './windows.ts'
import { workersBench } from './workers.ts'

const { values, positionals } = readCommandLine(benchUsage(), {
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    svg: { type: 'string' },
    data: { type: 'string', multiple: true },
    items: { type: 'string' },
    lists: { type: 'string' },
    candidates: { type: 'string' },
    'rank-threads': { type: 'string' },
    rate: { type: 'string' },
    events: { type: 'string' },
    users: { type: 'string' },
    workers: { type: 'string' },
    kills: { type: 'string' },
    each: { type: 'boolean', default: false },
    apart: { type: 'boolean', default: false },
    joins: { type: 'boolean', default: false },
    seeds: { type: 'string' },
    sizes: { type: 'string' },
    overload: { type: 'string' },
    effort: { type: 'string' },
    'neighbours-bytes-max': { type: 'string' },
    learned: { type: 'string' },
    redis: { type: 'boolean', default: false },
    pretrained: { type: 'boolean', default: false },
  },
})

const compared = {
  lists: wholeNumber('lists', values.lists ?? '10000'),
  candidates: wholeNumber('candidates', values.candidates ?? '0', 0),
  rankThreads:
    values['rank-threads'] === undefined
      ? []
      : wholeNumbers('rank-threads', values['rank-threads']),
}
const benches: Readonly<Record<BenchName, () => Promise<BenchRow[]>>> = {
  train: async () => {
    const found = await enginesBench('train', trainTasks(), { env: process.env, say })
    return [...found, ...implicitRows(process.env.NEUPR_BENCH_PYTHON, found)]
  },
  rank: async () => [
    ...(await enginesBench('rank', rankTasks(), { env: process.env, say })),
    ...millionBench(),
    ...rankingBench(),
  ],
  growth: async () => growthBench(say),
  lists: () => listsBench({ env: process.env, say, items: sizes(), ...compared }),
  freshness: () => {
    const [items] = wholeNumbers('items', values.items ?? '100000')
    const rates = wholeNumbers('rate', values.rate ?? '100,500,1000')
    return freshnessBench({ env: process.env, say }, { items, rates })
  },
  size: () => {
    const [users] = wholeNumbers('users', values.users ?? '1000000')
    const [items] = wholeNumbers('items', values.items ?? '300000')
    const [events] = wholeNumbers('events', values.events ?? '10000000')
    const { overload = 'wait', effort = 'full', pretrained: isPretrained } = values
    const all = sizesOf(values.sizes ?? '16,4,1', { users, items, events })
    const given = values['neighbours-bytes-max']
    const how = {
      ...{ overload, effort, isPretrained, redis: values.redis },
      neighboursBytesMax: given === undefined ? given : wholeNumber('neighbours-bytes-max', given),
      learned: wholeNumber('learned', values.learned ?? '0', 0),
    }
    return sizeBench({ sizes: all, how, env: process.env, say })
  },
  turns: () =>
    turnsBench({
      ...{ env: process.env, say, events: eventsMax() },
      items: wholeNumbers('items', values.items ?? '1000000'),
    }),
  live: () => liveBench({ env: process.env, say }, values.data ?? [], eventsMax()),
  overload: async () => {
    const all = await streamEvents(values.data?.[0])
    const name = basename(values.data?.[0] ?? 'made-up').replace(/\..*$/, '')
    return overloadBench(name, all.slice(0, eventsMax()), say)
  },
  long: async () => longBench(say, Number(process.env.NEUPR_BENCH_TRIPLETS ?? 1e8)),
  sample: async () => sampleBench(),
  threads: async () => threadsBench(say),
  windows: async () => windowsBench(),
  workers: () =>
    workersBench({
      ...{ env: process.env, say, files: values.data ?? [] },
      counts: wholeNumbers('workers', values.workers ?? '1,2,4'),
      ...{ each: values.each, apart: values.apart, joins: values.joins },
      rate: wholeNumbers('rate', values.rate ?? '1000')[0],
      events: eventsMax(),
    }),
  event: () => {
    const items = values.items === undefined ? [] : wholeNumbers('items', values.items)
    return eventBench({ env: process.env, say }, items)
  },
  pipeline: () => pipelineBench({ env: process.env, say }),
  start: () => startBench({ env: process.env, say }, { sizes: usersOf(), kills: killsOf() }),
  kills: () => startBench({ env: process.env, say }, { sizes: [], kills: killsOf() }),
  store: () => storeBench(process.env),
  shedding: () => sheddingBench({ env: process.env, say }),
  shop: async () => {
    const [events] = wholeNumbers('events', values.events ?? '40000')
    return shopBench({ events, seeds: wholeNumbers('seeds', values.seeds ?? '1,2,3') }, say)
  },
  scrape: () => scrapeBench(say),
  api: () => apiBench(say),
  checkpoint: () => checkpointBench(wholeNumbers('sizes', values.sizes ?? '300,700'), say),
  poisoning: () => poisoningBench({ say, svg: values.svg }),
}

/** Sizes of the catalogue that lists are measured at. */
function sizes(): number[] {
  return wholeNumbers('items', values.items ?? '3000,30000,100000,1000000')
}

/** Numbers of users in Redis that a start is measured with. */
function usersOf(): number[] {
  return wholeNumbers('users', values.users ?? '200000,1000000')
}

/** Of each file only the first events are played. */
function eventsMax(): number | undefined {
  return values.events === undefined ? undefined : wholeNumbers('events', values.events)[0]
}

/** How often a worker of each group is killed. */
function killsOf(): number {
  return wholeNumbers('kills', values.kills ?? '6')[0]
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

const isName = (name: string): name is BenchName => name in benches
const names = positionals.filter(isName)
const unknown = positionals.find((name) => !isName(name))
if (unknown !== undefined) endAsWrongCall(`there is no bench ${unknown}`)
if (names.length === 0) endAsWrongCall(`name one or more of ${benchNames.join(', ')}`)
const typed = Object.entries(values).filter(([, value]) => value !== undefined && value !== false)
const unread = unreadFlag(
  names,
  typed.map(([flag]) => flag),
)
if (unread !== undefined) endAsWrongCall(`--${unread} is for ${readersOf(unread).join(', ')}`)
const rows: BenchRow[] = []
for (const name of names) {
  for (const row of await benches[name]()) {
    rows.push(row)
    process.stdout.write(`${JSON.stringify(row)}\n`)
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows)}\n`)
