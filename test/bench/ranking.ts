// What a list costs where only pairs can be compared: the paper's NeuPR, trained on a made-up world as large as
// MovieLens 1M, or on a file of events. Against the same lists by plain comparisons, and the cut against the exact.
// Run: npm run bench -- rank, or node dist/test/bench/ranking.js [EVENTS.tsv.gz]

import process from 'node:process'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { createNetworkRanker, createRanker } from '../../src/paper/ranker.ts'
import type { Network, PairwiseRanker } from '../../src/ports/engine.ts'
import type { Excluded } from '../../src/rank/preference.ts'
import { rowsSpec } from '../contracts/engine-worlds.ts'
import { emptyBatch, madeUpWorld, type RankedWorld, trained, worldOf } from './ranked-world.ts'
import type { BenchRow } from './store.ts'

const k = 10
const usersRanked = 300
const rounds = 3
const epochs = 2
const usersPlain = 10

/** Adagrad, so that two epochs are enough. */
const spec = rowsSpec({
  ...{ model: 'neupr', tower: 'joint', factors: 8, output: 'learned', itemBias: false },
  ...{ noise: 0.05, rows: { kind: 'adagrad', rate: 0.1, l2: 0, start: 0.1 } },
})

interface Measured {
  readonly lists: readonly (readonly number[])[]
  /** Of processor time, the median of the rounds. */
  readonly usersPerSecond: number
  /** Pairs compared for a list by the number of candidates. */
  readonly compared: number
}

export function rankingBench(path?: string): BenchRow[] {
  const world = path === undefined ? madeUpWorld() : worldOf(path)
  const network = trained(world, spec, epochs)
  const plain: Network = { ...network, pairwiseRanker: () => undefined }
  const users = Array.from({ length: usersRanked }, (_, n) => (n * 19) % world.users)
  const some = users.slice(0, usersPlain)
  const exact = measure(world, network, users, 0)
  const cut = measure(world, network, users, 50)
  const slow = measure(world, plain, some, 0)
  const slowCut = measure(world, plain, some, 50)
  const name = `NeuPR joint, f 8, ${world.items} items, K ${k}`
  const row = (what: string, value: number, unit: string, against: string, ratio: number) => {
    return { bench: 'rank', case: `${name}, ${what}`, engine: 'wasm', value, unit, against, ratio }
  }
  const hits = exact.lists.map((list, n) => list.filter((i) => cut.lists[n]!.includes(i)).length)
  const recall = hits.reduce((sum, n) => sum + n, 0) / (k * users.length)
  const faster = (one: Measured, other: Measured) => one.usersPerSecond / other.usersPerSecond
  return [
    row('exact', exact.usersPerSecond, 'users/s', 'compare()', faster(exact, slow)),
    row('exact', exact.compared, 'comparisons/candidate', 'K passes', exact.compared / k),
    row('C 50', cut.usersPerSecond, 'users/s', 'compare()', faster(cut, slowCut)),
    row('C 50', recall, 'share of the exact list', 'exact', recall),
  ]
}

function measure(
  world: RankedWorld,
  network: Network,
  users: readonly number[],
  candidates: number,
) {
  const ranker = createRanker({
    ...{ kMax: k, exact: 'resume', order: 'anchor', candidates, blockMax: 64 },
  })
  const rank = createNetworkRanker(network, ranker)
  const batch = emptyBatch(1)
  batch.count = 1
  const owned = users.map((user) => ownedBy(world, user))
  const times: number[] = []
  let lists: number[][] = []
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    lists = users.map((user, n) => {
      batch.userRows[0] = user
      const { items, count } = rank(batch, world.items, k, owned[n]!, -1)
      return [...items.subarray(0, count)]
    })
    const { user, system } = process.cpuUsage(before)
    times.push((user + system) / 1e6 / users.length)
  }
  const left = users.reduce((sum, user) => sum + world.items - world.taken[user]!.length, 0)
  const usersPerSecond = 1 / times.sort((a, b) => a - b)[rounds >> 1]!
  return { lists, usersPerSecond, compared: ranker.comparisons() / rounds / left }
}

/** What the user has is never listed. */
function ownedBy(world: RankedWorld, user: number): Excluded {
  const own = new Set(world.taken[user])
  const excluded: Excluded = (item) => own.has(item)
  const marks = new Uint8Array(world.items)
  for (const item of own) marks[item] = 1
  excluded.listable = (n, out) => {
    let count = 0
    for (let item = 0; item < n; item++) if (marks[item] === 0) out[count++] = item
    return count
  }
  return excluded
}

/** ms for one anchor pass over a million items, both logits each, and for the projections that one version needs. */
export function millionBench(): BenchRow[] {
  const items = 1_000_000
  const network = createWasmEngine().create(spec, 1)
  network.grow(1, items)
  const batch = emptyBatch(1)
  batch.count = 1
  const all = Int32Array.from({ length: items }, (_, item) => item)
  const [forth, back] = [new Float32Array(items), new Float32Array(items)]
  const made = msOf(() => {
    network.tensors()
    network.pairwiseRanker?.(batch)
  })
  const pairwise = network.pairwiseRanker?.(batch) as PairwiseRanker
  const pass = msOf(() => pairwise.compareWith(7, all, items, forth, back))
  const compared = msOf(() => {
    network.compare(batch, all, new Int32Array(items).fill(7), items, forth)
    network.compare(batch, new Int32Array(items).fill(7), all, items, back)
  })
  const name = `NeuPR joint, f 8, 1 M items, one user`
  const unit = 'ms'
  return [
    row(`${name}, exact anchor pass`, pass, 'compare()', pass / compared),
    row(`${name}, projections of a version`, made, 'exact anchor pass', made / pass),
  ]
  function row(what: string, value: number, against: string, ratio: number): BenchRow {
    return { bench: 'rank', case: what, engine: 'wasm', value, unit, against, ratio }
  }
}

function msOf(work: () => void): number {
  const times = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e3
  })
  return times.sort((a, b) => a - b)[rounds >> 1]!
}

if (process.argv[1] === import.meta.filename) {
  for (const row of rankingBench(process.argv[2])) process.stdout.write(`${JSON.stringify(row)}\n`)
}
