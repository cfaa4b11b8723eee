// Drawing triplets uniformly from D_S: one by one from the mirror of the positive sets, and many at once in the memory
// of the kernel, against the plain way: a set of items per user, and all pairs in one list.

import { createDrawMemory } from '../../src/adapters/wasm/draws/draw-memory.ts'
import { Positives } from '../../src/remember/positives.ts'
import { createRandom } from '../../src/sample/random.ts'
import { createTripletSampler, type Triplet } from '../../src/sample/triplets.ts'
import type { BenchRow } from './store.ts'

const users = 6_040
const items = 3_260
const pairs = 500_000
const draws = 102_400
/** Of one request: a batch of the paper. */
const together = 256
const rounds = 9

export function sampleBench(): BenchRow[] {
  const memory = createDrawMemory()
  const positives = new Positives({ positivesPerUserMax: items, removalsPerUserMax: items }, memory)
  const sets: Set<number>[] = Array.from({ length: users }, () => new Set())
  const list: [number, number][] = []
  const random = createRandom(1)
  for (let n = 0; n < pairs; n++) {
    const user = random.below(users)
    const item = Math.floor(items * random.unit() ** 2)
    if (positives.add(user, item, n) === 'added') {
      sets[user]!.add(item)
      list.push([user, item])
    }
  }
  const limits = { drawsPerTripletMax: 100, drawsPerNegativeMax: 100 }
  const sampler = createTripletSampler(positives, random, limits)
  const triplet: Triplet = { user: 0, place: 0, i: 0, j: 0 }
  const kernel = memory.draws(positives)
  const asked = { law: 'uniform', count: together, negatives: 1, ...limits } as const
  const into = {
    userRows: new Int32Array(together),
    positives: new Int32Array(together),
    candidates: new Int32Array(together),
  }
  const ways = [
    {
      engine: 'wasm',
      triplets: together,
      draw: () => kernel.draw({ ...asked, key: random.word(), nonce: random.word() }, into, 0),
    },
    { engine: 'runs', triplets: 1, draw: () => sampler.uniform(triplet) },
    {
      engine: 'sets and a list',
      triplets: 1,
      draw() {
        for (;;) {
          const [user] = list[random.below(list.length)]!
          if (!sets[user]!.has(random.below(items))) return
        }
      },
    },
  ]
  const times = ways.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    ways.forEach(({ draw, triplets }, w) => {
      const before = process.cpuUsage()
      for (let n = 0; n < draws; n += triplets) draw()
      const { user, system } = process.cpuUsage(before)
      times[w]!.push((user + system) / 1e6)
    })
  }
  const rates = times.map((own) => draws / own.sort((a, b) => a - b)[rounds >> 1]!)
  const plain = rates.at(-1)!
  const name = `uniform over D_S, ${pairs} events`
  const [unit, against] = ['triplets/s', 'sets and a list']
  return ways.slice(0, -1).map(({ engine }, w): BenchRow => {
    const value = rates[w]!
    return { bench: 'sample', case: name, engine, value, unit, against, ratio: value / plain }
  })
}
