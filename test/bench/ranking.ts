// What a list costs: plain top-K against a full sort, and the pairs that Algorithm 1 compares in each of its
// ways, on a seeded relation that is mostly, but not quite, transitive. Run: node dist/test/bench/ranking.js [n]

import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { createRanker, type RankOptions } from '../../src/rank/rank.ts'
import { generator, relationOf } from '../rank/relations.ts'

const n = Number(process.argv[2] ?? 3_260)
const [k, rounds] = [10, 9]
const random = generator(7)
const noise = (): number => (random(2_000_001) - 1_000_000) / 1e6
const scores = Float32Array.from({ length: n }, noise)
const bend = Float32Array.from({ length: 4_096 }, noise)
/** s_i - s_j and something that depends on the pair alone: some triples go in a circle. */
const { compare } = relationOf(n, (i, j) => {
  return scores[i]! - scores[j]! + 0.1 * bend[(i * 31 + j * 17) & 4_095]!
})
const none = (): boolean => false
const print = (text: string): void => void process.stdout.write(`${text}\n`)
const median = (ms: number[]): string => ms.toSorted((a, b) => a - b)[ms.length >> 1]!.toFixed(3)

const plain = createRanker({
  kMax: k,
  exact: 'resume',
  order: 'anchor',
  candidates: 0,
  blockMax: 1,
})
const times = { heap: [] as number[], sort: [] as number[] }
for (let round = 0; round < rounds; round++) {
  let start = performance.now()
  plain.byScore(scores, n, k, none)
  times.heap.push(performance.now() - start)
  start = performance.now()
  Array.from(scores.keys()).sort((i, j) => scores[j]! - scores[i]!)
  times.sort.push(performance.now() - start)
}
print(`${n} items, K = ${k}: top-K ${median(times.heap)} ms, full sort ${median(times.sort)} ms`)

const ways: [string, Pick<RankOptions, 'exact' | 'order' | 'candidates'>][] = [
  ['literal, by item id', { exact: 'literal', order: 'itemId', candidates: 0 }],
  ['stack, by item id', { exact: 'resume', order: 'itemId', candidates: 0 }],
  ['stack, by anchor', { exact: 'resume', order: 'anchor', candidates: 0 }],
  ['stack, top 50 by anchor', { exact: 'resume', order: 'anchor', candidates: 50 }],
]
for (const blockMax of [1, 16]) {
  for (const [name, way] of ways) {
    const ranker = createRanker({ kMax: k, blockMax, ...way })
    const start = performance.now()
    for (let round = 0; round < rounds; round++) ranker.byComparison(compare, n, k, none, n >> 1)
    const ms = (performance.now() - start) / rounds
    const pairs = Math.round(ranker.comparisons() / rounds)
    print(`${name.padEnd(24)} blocks of ${blockMax}: ${pairs} pairs, ${ms.toFixed(2)} ms`)
  }
}
