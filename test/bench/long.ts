// A long run: a hundred million triplets drawn uniformly from D_S, learned without a pause. At ten moments the plain
// loops start from the same parameters and learn the same next triplets: their loss and the kernel's must stay one.
// A loss that drifts, or a number that is none, ends the run; memory is told after the first tenth and at the end.

import { createArraysEngine } from '../../src/adapters/arrays/engine.ts'
import { createDrawMemory } from '../../src/adapters/wasm/draws/draw-memory.ts'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import type { DrawBatch, Network, NetworkSpec } from '../../src/ports/engine.ts'
import { Positives } from '../../src/remember/positives.ts'
import { createRandom } from '../../src/sample/random.ts'
import { createWorld } from '../../src/world/world.ts'
import { rowsSpec } from '../contracts/engine-worlds.ts'
import { paperSpec } from './paper.ts'
import type { BenchRow } from './store.ts'

const tenths = 10
const batchTriplets = 256
/** Batches that the plain loops learn, too, at each moment. */
const batchesCompared = 40
/** How far the mean losses of those may be apart, relatively: sums of floats in another order. */
const driftMax = 1e-5

type Say = (line: string) => void

/** `triplets` of each model. @throws Error when losses drift apart, or one or a parameter is no finite number. */
export function longBench(say: Say, triplets: number): BenchRow[] {
  if (!(triplets >= 1))
    throw new Error(`NEUPR_BENCH_TRIPLETS is no number of triplets: ${triplets}`)
  const world = openWorld()
  return [
    run(say, 'the paper: NeuPR, f 8', paperSpec(8), world, triplets),
    run(say, 'rows, NBPR, f 32', rowsSpec(), world, triplets),
  ].flat()
}

interface World {
  readonly users: number
  readonly items: number
  /** The next batch, in the same arrays. */
  next(): DrawBatch
}

function openWorld(): World {
  const memory = createDrawMemory()
  const room = { positivesPerUserMax: 5_000, removalsPerUserMax: 5_000 }
  const positives = new Positives(room, memory)
  const ids = { users: new Map<string, number>(), items: new Map<string, number>() }
  const idOf = (of: Map<string, number>, name: string) => {
    const id = of.get(name) ?? of.size
    of.set(name, id)
    return id
  }
  const made = createWorld({ seed: 1, events: 120_000, undo: 0 })
  for (const { user, item, timestamp } of made.interactions()) {
    positives.add(idOf(ids.users, user), idOf(ids.items, item), timestamp)
  }
  const limits = { drawsPerTripletMax: 100, drawsPerNegativeMax: 100 }
  const draws = memory.draws(positives)
  const random = createRandom(1)
  const batch = {
    ...{ count: batchTriplets, negatives: 1, choices: 1 },
    userRows: new Int32Array(batchTriplets),
    positives: new Int32Array(batchTriplets),
    candidates: new Int32Array(batchTriplets),
    historyStart: new Int32Array(batchTriplets + 1),
    historyLength: new Int32Array(batchTriplets),
    historyItems: new Int32Array(0),
    historyAges: new Float32Array(0),
    direct: Float32Array.of(1),
    mirrored: Float32Array.of(1),
  }
  return {
    users: ids.users.size,
    items: ids.items.size,
    next() {
      const [key, nonce] = [random.word(), random.word()]
      const asked = { law: 'uniform', count: batchTriplets, negatives: 1, ...limits } as const
      batch.count = draws.draw({ ...asked, key, nonce }, batch, 0)
      return batch
    },
  }
}

function run(
  say: Say,
  name: string,
  spec: NetworkSpec,
  world: World,
  triplets: number,
): BenchRow[] {
  const [wasm, plain] = [createWasmEngine(), createArraysEngine()].map((engine) => {
    const network = engine.create(spec, 1)
    network.grow(world.users, world.items)
    return network
  }) as [Network, Network]
  const batches = Math.ceil(triplets / batchTriplets / tenths)
  let drift = 0
  let seconds = 0
  let rss = 0
  for (let tenth = 0; tenth < tenths; tenth++) {
    const before = process.cpuUsage()
    let loss = 0
    for (let n = 0; n < batches; n++) loss += wasm.step(world.next(), 'together') / batches
    const { user, system } = process.cpuUsage(before)
    seconds += (user + system) / 1e6
    wantFinite(wasm, loss)
    const [mine, theirs] = compared(wasm, plain, world)
    const apart = Math.abs(mine / theirs - 1)
    if (!(apart <= driftMax)) throw new Error(`${name}: the losses are ${mine} and ${theirs}`)
    drift = Math.max(drift, apart)
    const now = process.memoryUsage().rss
    if (tenth === 0) rss = now
    const both = `${mine.toFixed(6)}, plain loops ${theirs.toFixed(6)}`
    say(
      `long: ${name}: ${tenth + 1}/${tenths}: loss ${loss.toFixed(4)}; next ${both}; ${megabytes(now)}`,
    )
    if (tenth === tenths - 1) say(`long: ${name}: after the first tenth it was ${megabytes(rss)}`)
  }
  const shared = { bench: 'long', case: name, engine: 'wasm' }
  const value = (batches * batchTriplets * tenths) / seconds
  const bytes = process.memoryUsage().rss
  return [
    { ...shared, value, unit: 'triplets/s, drawn and learned', against: 'itself', ratio: 1 },
    { ...shared, value: drift, unit: 'largest drift of loss', against: 'arrays', ratio: drift },
    { ...shared, value: bytes, unit: 'bytes at the end', against: 'a tenth', ratio: bytes / rss },
  ]
}

/** Mean losses of the same batches, from the same parameters. */
function compared(wasm: Network, plain: Network, world: World): [number, number] {
  const copies = [...wasm.tensors()].map(
    ([name, { shape, data }]) => [name, { shape, data: data.slice() }] as const,
  )
  plain.restore(new Map(copies))
  const sums: [number, number] = [0, 0]
  for (let n = 0; n < batchesCompared; n++) {
    const batch = world.next()
    sums[0] += wasm.step(batch, 'together') / batchesCompared
    sums[1] += plain.step(batch, 'together') / batchesCompared
  }
  return sums
}

function wantFinite(network: Network, loss: number): void {
  if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`)
  for (const [name, { data }] of network.tensors()) {
    if (!data.every(Number.isFinite)) throw new Error(`${name} has numbers that are none`)
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
