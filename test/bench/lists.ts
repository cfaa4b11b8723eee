// What a list of the running worker costs over catalogues of several sizes, ranked in stages against a scan of the
// whole catalogue, in turns on the same learner; how many lists differ (none may), and what keeping the scan fresh
// costs an event. A real stream is learned and its rows are tiled with noise up to each size, since rows of noise alone
// order items as no model does.
// Run: npm run bench -- lists [--items 30000,1000000] [--lists 10000: how many more are compared, with events between
// them]; NEUPR_BENCH_STREAM names a stream.

import process from 'node:process'
import { isDeepStrictEqual } from 'node:util'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../src/config.ts'
import { addAction } from '../../src/messages.ts'
import { createRandom } from '../../src/sample/random.ts'
import { createRecommender, type Recommendation } from '../../src/trainer/lists/recommender.ts'
import { createLearner, type Learner } from '../../src/trainer/model/learner.ts'
import { planLearner } from '../../src/trainer/model/plan.ts'
import type { BenchRow } from './store.ts'
import { type StreamEvent, streamEvents } from './stream-events.ts'

const k = 10
const rounds = 5
/** Newest users of the stream, whose lists are made. */
const readers = 200
/** Standard deviation of the noise, in those of the row's own numbers. */
const noise = 0.3
/** Users who hold the tiled items, so many each. */
const heldEach = 100
const upkeepEvents = 64
const upkeepRounds = 15
/** Lists that are made before any is timed: enough for the scan to be arranged for them twice. */
const listsBefore = 130

export interface ListsBench {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly say: (line: string) => void
  readonly items: readonly number[]
  /** Lists that are compared beyond those that are timed. */
  readonly lists: number
  /** Of those, how much of each is found among so many candidates; 0: not measured. */
  readonly candidates: number
}

export async function listsBench(options: ListsBench): Promise<BenchRow[]> {
  const { env, say, items, lists, candidates } = options
  const events = (await streamEvents(env.NEUPR_BENCH_STREAM)).slice(-150_000)
  const rows: BenchRow[] = []
  let world: World | undefined
  for (const size of [...items].sort((a, b) => a - b)) {
    if (world === undefined || world.learner.positives.items > size) world = learned(events, size)
    tile(world, size)
    const found = measure(world, size)
    const more = compareMore(world, size, lists, candidates)
    found.differ += more.differ
    found.compared += lists
    if (candidates > 0) {
      say(`lists: ${size} items: recall of ${candidates} candidates ${more.recall.toFixed(4)}`)
      rows.push({
        ...{
          bench: 'lists',
          case: `items=${size} candidates=${candidates} recall`,
          engine: 'wasm',
        },
        ...{ value: more.recall, unit: 'share', against: 'exact lists', ratio: more.recall },
      })
    }
    const ratio = found.plain / found.staged
    say(
      `lists: ${size} items: ${found.staged.toFixed(2)} ms, plain scan ${found.plain.toFixed(2)} ms, ` +
        `${ratio.toFixed(1)} times; ${found.differ} of ${found.compared} lists differ; ` +
        `upkeep ${found.upkeep.toFixed(0)} µs an event`,
    )
    rows.push({
      ...{ bench: 'lists', case: `items=${size}`, engine: 'wasm', value: found.staged, unit: 'ms' },
      ...{ against: 'plain scan', ratio },
    })
  }
  return rows
}

interface World {
  readonly learner: Learner
  /** Read at every list. */
  readonly options: { stagedItemsMin: number; candidates?: number }
  readonly events: readonly StreamEvent[]
  /** Items of the stream. */
  readonly base: number
  readonly readers: readonly number[]
  readonly now: number
}

/** A learner of the events whose items are below `size`. */
function learned(all: readonly StreamEvent[], size: number): World {
  const { config } = readConfig({ flags: {}, env: {} })
  const plan = { ...planLearner(config) }
  const learner = createLearner(config, createWasmEngine(), { plan })
  const events = all.filter(({ item }) => item < size)
  for (const { user, item, time } of events) learner.apply(user, item, time, addAction, 1)
  const newest = [...new Set(events.map(({ user }) => user).reverse())].slice(0, readers)
  const now = events.at(-1)?.time ?? 0
  return { learner, options: plan, events, base: learner.positives.items, readers: newest, now }
}

/** Items up to `size`: held by users of their own, with rows like those of the stream. */
function tile({ learner, base, now }: World, size: number): void {
  const random = createRandom(7)
  const first = learner.positives.items
  const users = learner.positives.users
  for (let item = first; item < size; item++) {
    learner.remember(users + Math.floor((item - first) / heldEach), item, now, addAction)
  }
  for (const { network } of learner.networks) {
    for (const [name, { shape, data }] of network.tensors()) {
      if (!/\/(nbpr\.item|dncr\.item|item\.bias)$/.test(name)) continue
      const columns = shape[1]!
      for (let item = first; item < size; item++) {
        const from = random.below(base) * columns
        let square = 0
        for (let c = 0; c < columns; c++) square += data[from + c]! ** 2
        const deviation = noise * Math.sqrt(square / columns)
        for (let c = 0; c < columns; c++) {
          data[item * columns + c] = data[from + c]! + deviation * normal(random.unit)
        }
      }
    }
  }
}

/** Good enough for noise: the sum of four uniform numbers. */
function normal(unit: () => number): number {
  return Math.sqrt(3) * (unit() + unit() + unit() + unit() - 2)
}

function measure({ learner, options, events, readers, now }: World, size: number) {
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
    const { stagedItemsMin } = options
    options.stagedItemsMin = Number.POSITIVE_INFINITY
    plain.push(msOf(() => some.forEach((user) => void whole.push(best(user, k, now)))) / lists)
    options.stagedItemsMin = stagedItemsMin
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

/** How many of so many lists differ from a scan of all, and the recall of candidates; each fifth follows an event. */
function compareMore(
  { learner, options, events, readers, now }: World,
  size: number,
  lists: number,
  candidates: number,
) {
  const best = createRecommender(learner).toUser
  const { stagedItemsMin } = options
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
    options.stagedItemsMin = Number.POSITIVE_INFINITY
    if (!isDeepStrictEqual(staged, best(user, k, now + n))) differ++
    options.stagedItemsMin = stagedItemsMin
    if (candidates === 0) continue
    options.candidates = candidates
    const few = best(user, k, now + n)
    found += few.items.filter((item) => staged.items.includes(item)).length / staged.items.length
    options.candidates = 0
  }
  return { differ, recall: found / lists }
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
