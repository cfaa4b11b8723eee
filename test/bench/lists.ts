// What a list of the running worker costs over catalogues of several sizes, ranked in stages against a scan of the
// whole catalogue, in turns on the same learner; how many lists differ (none may), what keeping the scan fresh costs
// an event, and what ranking threads are worth. A real stream is learned and its rows are tiled with noise up to each
// size.
// Run: npm run bench -- lists [--items 30000,1000000] [--lists 10000: how many are compared in all, with events
// between them] [--rank-threads 1,2]; NEUPR_BENCH_STREAM names a stream.

import process from 'node:process'
import { isDeepStrictEqual } from 'node:util'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { createItemScan } from '../../src/adapters/wasm/scan/item-scan.ts'
import { readConfig } from '../../src/config.ts'
import { addAction } from '../../src/messages.ts'
import { createRecommender, type Recommendation } from '../../src/trainer/lists/recommender.ts'
import { createLearner } from '../../src/trainer/model/learner.ts'
import { planLearner } from '../../src/trainer/model/plan.ts'
import { createToggledThreads, sharedLists, type ToggledThreads } from './lists/rank-threads.ts'
import { learnStream, type TiledWorld, tile } from './lists/tiled-world.ts'
import type { BenchRow } from './store.ts'
import { type StreamEvent, streamEvents } from './stream-events.ts'

const k = 10
/** As in trainer/model/plan.ts: smaller catalogues are scanned as a whole. */
const stagedItemsMin = 20_000
const rounds = 5
const upkeepEvents = 64
const upkeepRounds = 15
/** Lists that are made before any is timed: enough for the scan to be arranged for them twice. */
const listsBefore = 130

export interface ListsBench {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly say: (line: string) => void
  readonly items: readonly number[]
  /** Lists that are compared in all, beyond those that are timed. */
  readonly lists: number
  /** Numbers of ranking threads. */
  readonly rankThreads: readonly number[]
  /** The number of candidates that the recall of those lists is measured with; 0: not measured. */
  readonly candidates: number
}

export async function listsBench(options: ListsBench): Promise<BenchRow[]> {
  const { env, say, items, candidates, rankThreads } = options
  const events = (await streamEvents(env.NEUPR_BENCH_STREAM)).slice(-150_000)
  const shares = sharesOf(items, options.lists)
  const rows: BenchRow[] = []
  const all = { differ: 0, compared: 0 }
  let world: World | undefined
  for (const size of [...items].sort((a, b) => a - b)) {
    if (world === undefined || world.learner.positives.items > size) world = learned(events, size)
    tile(world, size)
    const { staged, plain, upkeep, ...found } = measure(world, size)
    const lists = shares.get(size)!
    const more = compareMore(world, size, lists, candidates)
    const [differ, compared] = [found.differ + more.differ, found.compared + lists]
    all.differ += differ
    all.compared += compared
    if (candidates > 0) {
      say(`lists: ${size} items: recall of ${candidates} candidates ${more.recall.toFixed(4)}`)
      rows.push(
        rowOf(`items=${size} candidates=${candidates} recall`, more.recall, 'share', 'exact lists'),
      )
    }
    say(
      `lists: ${size} items: ${staged.toFixed(2)} ms, plain scan ${plain.toFixed(2)} ms, ` +
        `${(plain / staged).toFixed(1)} times; ${differ} of ${compared} lists differ; ` +
        `upkeep ${upkeep.toFixed(0)} µs an event`,
    )
    rows.push(rowOf(`items=${size}`, staged, 'ms', 'plain scan', plain / staged))
    for (const threads of rankThreads) {
      const { alone, shared } = await sharedLists(world, threads, k)
      say(
        `lists: ${size} items, ${threads} ranking threads: ${shared.toFixed(2)} ms, alone ${alone.toFixed(2)} ms`,
      )
      const name = `items=${size} rank-threads=${threads}`
      rows.push(rowOf(name, shared, 'ms', 'the trainer alone', alone / shared))
    }
  }
  say(`lists: ${all.differ} of ${all.compared} lists differ from the plain scan, of all sizes`)
  const { differ, compared } = all
  rows.push(
    rowOf('lists that differ', differ, 'lists', `${compared} plain scans`, differ / compared),
  )
  return rows
}

function rowOf(
  name: string,
  value: number,
  unit: string,
  against: string,
  ratio = value,
): BenchRow {
  return { bench: 'lists', case: name, engine: 'wasm', value, unit, against, ratio }
}

/** How many of the lists are compared at each size: about the same time for each that is ranked in stages. */
function sharesOf(items: readonly number[], lists: number): Map<number, number> {
  const weight = (size: number) => (size >= stagedItemsMin ? 1 / size : 0)
  const sum = items.reduce((total, size) => total + weight(size), 0)
  return new Map(items.map((size) => [size, Math.ceil((lists * weight(size)) / (sum || 1))]))
}

interface World extends TiledWorld {
  /** Read at every list. */
  readonly options: { stagedItemsMin: number; candidates?: number }
  readonly threads: ToggledThreads
  /** Lists that the scan has bounded all items for. */
  readonly bounded: { count: number }
}

function learned(all: readonly StreamEvent[], size: number): World {
  const { config } = readConfig({ flags: {}, env: {} })
  const plan = { ...planLearner(config) }
  const threads = createToggledThreads()
  const bounded = { count: 0 }
  const itemScan = () => {
    const scan = createItemScan(undefined, threads)
    const { bound } = scan
    const counted: typeof bound = (query) => {
      bounded.count++
      bound(query)
    }
    return Object.assign(scan, { bound: counted })
  }
  const learner = createLearner(config, { ...createWasmEngine(), itemScan }, { plan })
  return { ...learnStream(learner, all, size), options: plan, threads, bounded }
}

/** Makes lists by scans of the whole catalogue. @throws Error where they are not */
function scanning<T>({ options, bounded }: World, make: () => T): T {
  const [{ stagedItemsMin }, { count }] = [options, bounded]
  options.stagedItemsMin = Number.POSITIVE_INFINITY
  try {
    const made = make()
    if (bounded.count > count) throw new Error('the plain scan is ranked in stages, too')
    return made
  } finally {
    options.stagedItemsMin = stagedItemsMin
  }
}

function measure(world: World, size: number) {
  const { learner, events, readers, now } = world
  const best = createRecommender(learner).toUser
  const lists = Math.max(4, Math.min(readers.length, Math.round(4_000_000 / size)))
  // As in idle time of the worker: until the scan has all rows, arranged for these lists.
  for (let n = 0; n < listsBefore; n++) {
    best(readers[n % readers.length]!, k, now)
    while (learner.preference.prepare?.(size) ?? false);
  }
  const staged: number[] = []
  const plain: number[] = []
  let compared = 0
  let differ = 0
  for (let round = 0; round < rounds; round++) {
    const some = Array.from({ length: lists }, (_, n) => {
      return readers[(round * lists + n) % readers.length]!
    })
    const made: Recommendation[] = []
    staged.push(msOf(() => some.forEach((user) => void made.push(best(user, k, now)))) / lists)
    const whole: Recommendation[] = []
    const scanAll = () => some.forEach((user) => void whole.push(best(user, k, now)))
    plain.push(scanning(world, () => msOf(scanAll)) / lists)
    compared += lists
    differ += made.filter((list, n) => !isDeepStrictEqual(list, whole[n])).length
  }
  const upkeep: number[] = []
  for (let round = 0; round < upkeepRounds; round++) {
    for (let e = 0; e < upkeepEvents; e++) {
      const { user, item } = events[(round * upkeepEvents + e * 31) % events.length]!
      learner.apply(user, (item * 7 + e) % size, now + round, addAction, 1)
    }
    // The first list after events makes changed rows again; the next ones find all as it is.
    const [first = 0, ...next] = [0, 1, 2].map(() => msOf(() => best(readers[round]!, k, now)))
    upkeep.push((1_000 * (first - Math.min(...next))) / upkeepEvents)
  }
  return {
    ...{ staged: median(staged), plain: median(plain), upkeep: median(upkeep) },
    ...{ compared, differ },
  }
}

/** How many of `lists` lists differ from a scan of all, and the recall of candidates; each fifth follows an event. */
function compareMore(world: World, size: number, lists: number, candidates: number) {
  const { learner, options, events, readers, now } = world
  const best = createRecommender(learner).toUser
  let differ = 0
  let found = 0
  for (let n = 0; n < lists; n++) {
    if (n % 5 === 0) {
      const { user, item } = events[(n * 37) % events.length]!
      learner.apply(user, (item * 11 + n) % size, now + n, addAction, 1)
    }
    const user =
      n % 2 === 0 ? readers[n % readers.length]! : events[(n * 101) % events.length]!.user
    const staged = best(user, k, now + n)
    const plain = scanning(world, () => best(user, k, now + n))
    if (!isDeepStrictEqual(staged, plain)) differ++
    if (candidates === 0) continue
    options.candidates = candidates
    const few = best(user, k, now + n)
    found += few.items.filter((item) => staged.items.includes(item)).length / staged.items.length
    options.candidates = 0
  }
  return { differ, recall: found / Math.max(1, lists) }
}

/** Of this thread's own time: others may take turns with it. */
function msOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}
