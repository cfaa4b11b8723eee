// Learning from windows: targets a second in WebAssembly against plain loops, and its products of matrices alone.

import { createWasmSequenceEngine } from '../../src/adapters/wasm/sequence/engine.ts'
import { createSequenceKernel } from '../../src/adapters/wasm/sequence/kernel.ts'
import { windowNetwork } from '../../src/lab/networks/network-spec.ts'
import type { SequenceEngine, WindowBatch } from '../../src/ports/sequence-learner.ts'
import { createRandom } from '../../src/sample/random.ts'
import { createArraysSequenceEngine } from '../adapters/arrays/sequence/engine.ts'
import type { BenchRow } from './store.ts'

const items = 3_260
const windows = 32
const targets = 48
const prefix = 100
const negatives = 256
const rounds = 5
const bench = 'windows'

export function windowsBench(): BenchRow[] {
  const [ours = 0, plain = 0] = [createWasmSequenceEngine(), createArraysSequenceEngine()].map(
    targetsPerSecond,
  )
  const learn = `NBPR, f = 32, ${negatives} shared negatives`
  const { fast, slow } = gigaflops({ m: windows * targets, n: negatives, depth: 128 })
  const against = 'plain loops'
  const product = `(${windows * targets}, 128) · (128, ${negatives})`
  const engine = 'wasm'
  return [
    { bench, case: learn, engine, value: ours, unit: 'targets/s', against, ratio: ours / plain },
    { bench, case: product, engine, value: fast, unit: 'GFLOP/s', against, ratio: fast / slow },
  ]
}

/** Gradient and update, in processor time. */
function targetsPerSecond(engine: SequenceEngine): number {
  const { spec, training } = windowNetwork(
    { model: 'nbpr', factors: 32, depth: 2, rate: 0.005, ratio: negatives, batch: windows },
    { epochs: 1, dropout: [0.1, 0.2, 0.2], decay: 0, averaged: 1 },
  )
  const learner = engine.create(spec, items, training)
  const random = createRandom(1)
  for (const { data } of learner.tensors('values').values()) {
    for (let k = 0; k < data.length; k++) data[k] = random.normal() / 20
  }
  const batch = createBatch()
  return perSecond(windows * targets, () => {
    learner.gradient(batch)
    learner.update(0.001, 0)
  })
}

function gigaflops({ m, n, depth }: { m: number; n: number; depth: number }) {
  const kernel = createSequenceKernel()
  const [a, b, c, packed] = [2 ** 21, 2 ** 22, 2 ** 23, 2 ** 24]
  kernel.reserve(packed + 2 ** 21)
  const random = createRandom(1)
  const { floats } = kernel
  for (let k = a / 4; k < c / 4; k++) floats[k] = random.unit() - 0.5
  const work = (2 * m * n * depth) / 1e9
  const fast = perSecond(work, () =>
    kernel.multiply(m, n, depth, a, depth, 1, b, 1, depth, c, n, 0, packed),
  )
  const slow = perSecond(work, () => {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0
        const [row, column] = [a / 4 + i * depth, b / 4 + j * depth]
        for (let k = 0; k < depth; k++) sum += floats[row + k]! * floats[column + k]!
        floats[c / 4 + i * n + j] = sum
      }
    }
  })
  return { fast, slow }
}

/** The median of rounds; one before them to warm up. */
function perSecond(amount: number, work: () => void): number {
  work()
  const times = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  })
  return amount / times.sort((one, other) => one - other)[rounds >> 1]!
}

function createBatch(): WindowBatch {
  const random = createRandom(2)
  const length = prefix + targets
  const some = (count: number) => Int32Array.from({ length: count }, () => random.below(items))
  return {
    start: Int32Array.from({ length: windows + 1 }, (_, w) => w * length),
    targets: new Int32Array(windows).fill(targets),
    items: some(windows * length),
    times: new Float64Array(windows * length),
    before: new Int32Array(windows),
    negatives: some(negatives),
    allowed: new Uint8Array(windows * negatives).fill(1),
    key: 1,
  }
}
