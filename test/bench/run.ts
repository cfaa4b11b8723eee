// `npm run bench -- NAME … [--data FILE …] [--items N,N] [--users N,N] [--rate N,N] [--json FILE] [--svg FILE]`: runs
// benchmarks and prints their rows, one line of JSON each; `lists` measures catalogues of --items with --rank-threads
// and compares --lists in all, `turns` measures those of a trainer at --items after --events, `event` compares
// catalogues of --items where they are given, `freshness` keeps to each --rate, `size` and `shop` play --events, `size`
// at each of --sizes with that --overload and --effort, or --pretrained, `shop` with each of --seeds, `checkpoint`
// saves states of --sizes MB, `start` fills Redis with --users and kills workers --kills times as `kills` does,
// `poisoning` draws its course into the SVG, `workers` plays the first --events of --data at a --rate to groups of
// --workers (--apart: also to groups that share nothing; --joins: lets another one join), and `live` the first --events
// of each file of --data.

import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
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
import { windowsBench } from './windows.ts'
import { workersBench } from './workers.ts'

const { values, positionals } = parseArgs({
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
    apart: { type: 'boolean', default: false },
    joins: { type: 'boolean', default: false },
    seeds: { type: 'string' },
    sizes: { type: 'string' },
    overload: { type: 'string' },
    effort: { type: 'string' },
    pretrained: { type: 'boolean', default: false },
  },
})

const compared = {
  lists: Number(values.lists ?? 10_000),
  candidates: Number(values.candidates ?? 0),
  rankThreads:
    values['rank-threads'] === undefined ? [] : numbersOf('rank-threads', values['rank-threads']),
}
const benches: Readonly<Record<string, () => Promise<BenchRow[]>>> = {
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
    const [items = 100_000] = numbersOf('items', values.items ?? '100000')
    const rates = numbersOf('rate', values.rate ?? '100,500,1000')
    return freshnessBench({ env: process.env, say }, { items, rates })
  },
  size: () => {
    const [users = 0] = numbersOf('users', values.users ?? '1000000')
    const [items = 0] = numbersOf('items', values.items ?? '300000')
    const [events = 0] = numbersOf('events', values.events ?? '10000000')
    const { overload = 'wait', effort = 'full', pretrained: isPretrained } = values
    const all = sizesOf(values.sizes ?? '16,4,1', { users, items, events })
    return sizeBench({ sizes: all, how: { overload, effort, isPretrained }, say })
  },
  turns: () =>
    turnsBench({
      ...{ env: process.env, say, events: eventsMax() },
      items: numbersOf('items', values.items ?? '1000000'),
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
      counts: numbersOf('workers', values.workers ?? '1,2,4'),
      ...{ apart: values.apart, joins: values.joins },
      rate: numbersOf('rate', values.rate ?? '1000')[0]!,
      events: eventsMax(),
    }),
  event: () => {
    const items = values.items === undefined ? [] : numbersOf('items', values.items)
    return eventBench({ env: process.env, say }, items)
  },
  pipeline: () => pipelineBench({ env: process.env, say }),
  start: () => startBench({ env: process.env, say }, { sizes: usersOf(), kills: killsOf() }),
  kills: () => startBench({ env: process.env, say }, { sizes: [], kills: killsOf() }),
  store: () => storeBench(process.env),
  shedding: () => sheddingBench({ env: process.env, say }),
  shop: async () => {
    const [events = 0] = numbersOf('events', values.events ?? '40000')
    return shopBench({ events, seeds: numbersOf('seeds', values.seeds ?? '1,2,3') }, say)
  },
  scrape: () => scrapeBench(say),
  api: () => apiBench(say),
  checkpoint: () => checkpointBench(numbersOf('sizes', values.sizes ?? '300,700'), say),
  poisoning: () => poisoningBench({ say, svg: values.svg }),
}

/** Sizes of the catalogue that lists are measured at. */
function sizes(): number[] {
  return numbersOf('items', values.items ?? '3000,30000,100000,1000000')
}

/** Numbers of users in Redis that a start is measured with. */
function usersOf(): number[] {
  return numbersOf('users', values.users ?? '200000,1000000')
}

/** Of each file only the first events are played. */
function eventsMax(): number | undefined {
  return values.events === undefined ? undefined : numbersOf('events', values.events)[0]
}

/** How often a worker of each group is killed. */
function killsOf(): number {
  return numbersOf('kills', values.kills ?? '6')[0]!
}

function numbersOf(flag: string, text: string): number[] {
  const given = text.split(',').map(Number)
  if (given.every((size) => Number.isInteger(size) && size > 0)) return given
  throw new Error(`--${flag} needs whole numbers, as in --${flag} 3000,100000; got ${text}`)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

const unknown = positionals.filter((name) => benches[name] === undefined)
if (positionals.length === 0 || unknown.length > 0) {
  throw new Error(`name one or more of ${Object.keys(benches).join(', ')}`)
}
const rows: BenchRow[] = []
for (const name of positionals) {
  for (const row of (await benches[name]?.()) ?? []) {
    rows.push(row)
    process.stdout.write(`${JSON.stringify(row)}\n`)
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows)}\n`)
