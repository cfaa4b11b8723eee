// What threads bring to a step of the paper's NeuPR: the same batches with one, two and four of them, by turns. Wall
// time, since processor time is what threads spend more of; those that the machine has no cores for are left out.

import { availableParallelism } from 'node:os'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { paperBatch, paperSpec } from './paper.ts'
import type { BenchRow } from './store.ts'

const users = 6_040
const items = 3_260
const rounds = 7
/** Of one turn, in floating-point products of the tower: some 0.2 s. */
const productsOfTurn = 1e9

export function threadsBench(say: (line: string) => void): BenchRow[] {
  const threadCounts = ([1, 2, 4] as const).filter((threads) => threads <= availableParallelism())
  if (threadCounts.length === 1) say('threads: this machine has one core')
  return [
    [8, 256],
    [8, 1024],
    [8, 4096],
    [16, 4096],
    [32, 4096],
    [64, 256],
    [64, 4096],
  ].flatMap(([factors = 0, instances = 0]) => compare(threadCounts, factors, instances))
}

function compare(
  threadCounts: readonly (1 | 2 | 4)[],
  factors: number,
  instances: number,
): BenchRow[] {
  const spec = paperSpec(factors)
  const batches = Array.from({ length: 4 }, (_, seed) =>
    paperBatch(spec, { seed, instances, users, items }),
  )
  const steps = Math.max(1, Math.round(productsOfTurn / (87 * factors ** 2 * instances)))
  const networks = threadCounts.map((threads) => createWasmEngine({ threads }).create(spec, 1))
  const rates: number[][] = threadCounts.map(() => [])
  for (const network of networks) network.grow(users, items)
  for (let round = 0; round <= rounds; round++) {
    networks.forEach((network, n) => {
      const before = performance.now()
      for (let step = 0; step < steps; step++) network.step(batches[step % 4]!, 'together')
      const rate = (1_000 * steps * instances) / (performance.now() - before)
      // The first round starts threads and compiles.
      if (round > 0) rates[n]!.push(rate)
    })
  }
  const medians = rates.map((all) => all.sort((a, b) => a - b)[all.length >> 1]!)
  return medians.slice(1).map((value, n) => ({
    bench: 'threads',
    case: `paper: NeuPR, f ${factors}, batch ${instances}, ${threadCounts[n + 1]} threads`,
    engine: 'wasm',
    value,
    unit: 'triplets/s',
    against: 'one thread',
    ratio: value / medians[0]!,
  }))
}
