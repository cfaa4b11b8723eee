// What engines are compared at: a worker's event many times over, the paper's network, row-wise BPR; scores and
// comparisons.

import type { Tensors } from '../../src/adapters/tfjs/load.ts'
import type { DrawBatch, Network, NetworkSpec } from '../../src/ports/engine.ts'
import { draws, historySpec, rowsSpec } from '../contracts/engine-worlds.ts'
import { createByHand } from './by-hand.ts'
import { paperBatch, paperSpec } from './paper.ts'

const users = 6_040
const items = 3_260

export interface Task {
  readonly name: string
  readonly spec: NetworkSpec
  readonly users: number
  readonly items: number
  readonly unit: string
  /** Left out for the reference in pure JavaScript: one step of it would take longer than all the rest. */
  readonly heavy: boolean
  /** What one round does, in units. */
  readonly amount: number
  prepare(network: Network): () => void
  /** The same work written by hand on native TensorFlow (by-hand.ts), starting from the network. */
  byHand?(tf: Tensors, network: Network): () => void
}

type Steps = Pick<Task, 'name' | 'spec' | 'amount' | 'heavy' | 'byHand'>

/** Steps on four batches in turn; `amount` triplets in each. */
function learning(
  steps: Steps,
  updates: 'together' | 'each',
  draw: (seed: number) => DrawBatch,
): Task {
  const batches = Array.from({ length: 4 }, (_, seed) => draw(seed))
  const turns = (step: (batch: DrawBatch) => void) => {
    let turn = 0
    return () => step(batches[turn++ % 4]!)
  }
  return {
    ...{ ...steps, users, items, unit: 'triplets/s' },
    prepare: (network) => turns((batch) => network.step(batch, updates)),
    ...(steps.spec.tower === 'joint' && {
      byHand: (tf: Tensors, network: Network) => turns(createByHand(tf, network)),
    }),
  }
}

/** What an event brings, many at once: four negatives, each the best scoring of four. */
function worker(part: string, spec: NetworkSpec, count: number): Task {
  const steps = { name: `worker: ${part}, f 32`, spec, amount: 4 * count, heavy: false }
  const history = spec.users === 'history' ? 100 : 0
  return learning(steps, 'each', (seed) => draws(spec, { seed, count, users, items, history }))
}

/** Mirrored triplets count as the paper counts them, each as one. */
function paper(factors: number, instances: number): Task {
  const spec = paperSpec(factors)
  const name = `paper: NeuPR, f ${factors}, batch ${instances}`
  const steps = { name, spec, amount: instances, heavy: instances > 256 || factors > 8 }
  return learning(steps, 'together', (seed) => paperBatch(spec, { seed, instances, users, items }))
}

function bpr(factors: number): Task {
  const spec = rowsSpec({ factors, rows: sgd, bias: sgd })
  const steps = { name: `BPR: rows, f ${factors}, SGD`, spec, amount: 512, heavy: true }
  const plain = { count: 512, negatives: 1, choices: 1, history: 0 }
  return learning(steps, 'each', (seed) => draws(spec, { seed, users, items, ...plain }))
}

function scoring(name: string, spec: NetworkSpec, catalogue: number): Task {
  const batch = draws(spec, { seed: 3, count: 1, users, items, history: 100 })
  const all = Int32Array.from({ length: catalogue }, (_, item) => item)
  const out = new Float32Array(catalogue)
  return {
    ...{ name, spec, users, items: catalogue, unit: 'users/s', amount: 1 },
    heavy: catalogue > 10_000,
    prepare: (network) => () => network.score(batch, all, out),
  }
}

function comparing(name: string, spec: NetworkSpec): Task {
  const batch = draws(spec, { seed: 3, count: 1, users, items, history: 100 })
  const first = Int32Array.from({ length: items }, (_, item) => item)
  const second = new Int32Array(items).fill(7)
  const out = new Float32Array(items)
  return {
    ...{ name, spec, users, items, unit: 'pairs/s', amount: items },
    heavy: false,
    prepare: (network) => () => network.compare(batch, first, second, items, out),
  }
}

const sgd = { kind: 'sgd', rate: 0.05, l2: 0.01 } as const

export function trainTasks(): Task[] {
  const dncr = { model: 'dncr', tower: 'user', depth: 4 } as const
  return [
    worker('history, NBPR', historySpec(), 32),
    worker('history, DNCR', historySpec(dncr), 16),
    worker('rows, NBPR', rowsSpec(), 64),
    ...[256, 1024, 4096].map((instances) => paper(8, instances)),
    ...[16, 32, 64].map((factors) => paper(factors, 256)),
    ...[1024, 4096].map((instances) => paper(64, instances)),
    ...[8, 32, 64].map(bpr),
  ]
}

export function rankTasks(): Task[] {
  return [
    scoring('worker: history, NBPR, f 32, 3,260 items', historySpec(), items),
    scoring('rows, NBPR, f 64, 3,260 items', rowsSpec({ factors: 64 }), items),
    scoring('rows, NBPR, f 64, 1 M items', rowsSpec({ factors: 64 }), 1_000_000),
    comparing('paper: NeuPR, f 8, one item against 3,260', paperSpec(8)),
  ]
}
