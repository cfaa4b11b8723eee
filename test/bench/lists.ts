// What a list of the running worker costs, all parts fused: the catalogue summed part by part, against a value for
// every feature of every item, in turns on the same learner. Run: npm run bench -- lists

import process from 'node:process'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../src/config.ts'
import { addAction } from '../../src/messages.ts'
import { createScoreRanker } from '../../src/rank/rank.ts'
import { createRandom } from '../../src/sample/random.ts'
import { createRecommender } from '../../src/trainer/lists/recommender.ts'
import { createLearner } from '../../src/trainer/model/learner.ts'
import type { BenchRow } from './store.ts'

const users = 500
const k = 10
const rounds = 9

export function listsBench(say: (line: string) => void): BenchRow[] {
  return [3_706, 100_000].map((items) => {
    const [ours, before] = timesOf(items, items > 10_000 ? 500 : 3_000, items > 10_000 ? 10 : 200)
    say(`lists: ${items} items: ${Math.round(ours!)} µs`)
    const name = `worker, all parts, ${items} items, K ${k}`
    const against = 'a value a feature'
    return {
      ...{ bench: 'lists', case: name, engine: 'wasm', value: ours!, unit: 'µs/list' },
      ...{ against, ratio: ours! / before! },
    }
  })
}

/** µs a list of either way. */
function timesOf(items: number, events: number, lists: number): number[] {
  const { config } = readConfig({ flags: {}, env: {} })
  const learner = createLearner(config, createWasmEngine())
  const random = createRandom(3)
  for (let item = 0; item < items; item++) {
    learner.remember(random.below(users), item, item * 1_000, addAction)
  }
  for (let e = 0; e < events; e++) {
    const item = Math.floor(items * random.unit() ** 2)
    learner.apply(random.below(users), item, (items + e) * 1_000, addAction, 1)
  }
  const now = (items + events) * 1_000
  const best = createRecommender(learner)
  const all = Int32Array.from({ length: items }, (_, item) => item)
  const scores = new Float32Array(items)
  const rank = createScoreRanker(k)
  const ways = [
    (user: number) => void best(user, k, now),
    (user: number) => {
      learner.preference.score(learner.momentOf(user, now), all, scores)
      const unlisted = (item: number) =>
        learner.positives.has(user, item) || learner.positives.holders[item] === 0
      rank(scores, items, k, unlisted)
    },
  ]
  const times = ways.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    ways.forEach((way, w) => {
      const before = process.cpuUsage()
      for (let n = 0; n < lists; n++) way(n % users)
      const { user, system } = process.cpuUsage(before)
      times[w]!.push((user + system) / lists)
    })
  }
  return times.map((own) => own.sort((a, b) => a - b)[rounds >> 1]!)
}
