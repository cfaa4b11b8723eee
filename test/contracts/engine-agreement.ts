// Two engines side by side on seeded draws: how far apart any tensor gets.
// The covering set runs every model, tower, depth 1-6, kind of user, optimizer and way of updating.

import { strict as assert } from 'node:assert'
import type { DrawBatch, Engine, NetworkSpec, RowOptimizer } from '../../src/ports/engine.ts'
import { largest } from './engine-golden.ts'
import { piecesOf } from './engine-pieces.ts'
import { draws, historySpec, rowsSpec } from './engine-worlds.ts'

type Updates = 'together' | 'each'

export interface Case {
  readonly spec: NetworkSpec
  readonly updates: Updates
  readonly steps: number
}

export const STEPS = 100

const optimizers: readonly RowOptimizer[] = [
  { kind: 'adagrad', rate: 0.1, l2: 0.006, start: 0.1 },
  { kind: 'sgd', rate: 0.5, l2: 0.01 },
  { kind: 'adam', rate: 0.003, l2: 0 },
]

/** Each model and tower meets every depth, optimizer, kind of user and way of updating. */
export function covering(): Case[] {
  const cases: Case[] = []
  const learned = { output: 'learned', itemBias: false } as const
  const sgd = { kind: 'sgd', rate: 0.05, l2: 0.001 } as const
  const adam = { kind: 'adam', rate: 0.001, l2: 0 } as const
  const add = (change: Partial<NetworkSpec>, turn: number) => {
    const rows = optimizers[turn % 3]!
    const make = Math.floor(turn / 3) % 2 ? historySpec : rowsSpec
    const updates = (turn + Math.floor(turn / 6)) % 2 ? 'each' : 'together'
    const factors = [4, 6, 7][Math.floor(turn / 2) % 3]!
    const dense = turn % 4 < 3 ? adam : sgd
    const spec = make({ factors, noise: 0.1, rows, bias: rows, dense, ...change })
    cases.push({ spec, updates, steps: STEPS })
  }
  for (let turn = 0; turn < 12; turn++) {
    const depth = 1 + (turn % 6)
    if (turn < 6) add({ model: 'nbpr' }, turn)
    else add({ model: 'nbpr', ...learned }, turn)
    // Offsets that share no factor with the cycles above, so that the same pairs do not come again.
    add({ model: 'dncr', tower: 'user', depth, ...(turn % 2 ? {} : learned) }, turn + 1)
    add({ model: 'neupr', tower: 'user', depth, ...(turn % 4 < 2 ? learned : {}) }, turn + 5)
    const model = turn % 2 ? 'dncr' : 'neupr'
    if (turn < 6) add({ model, tower: 'joint', depth, ...learned }, turn + 7)
    else
      add({ model: model === 'dncr' ? 'neupr' : 'dncr', tower: 'joint', depth, ...learned }, turn)
  }
  return cases
}

export function nameOf({ spec, updates }: Case): string {
  const { users, model, tower, depth, factors, output, rows, dense } = spec
  return [
    users,
    model,
    tower,
    `depth ${depth} f ${factors}`,
    output,
    rows.kind,
    dense.kind,
    updates,
  ].join(' ')
}

const large = { count: 3, users: 8, items: 30, history: 9 }
/** For an engine that takes long over every number. Odd lengths are left over by every loop that takes several. */
export const smallWorld = { count: 2, users: 5, items: 12, history: 5 }

/** The largest difference of any tensor after all steps (apart). */
export function disagreement(
  one: Engine,
  other: Engine,
  { spec, updates, steps }: Case,
  size: typeof large = large,
): number {
  const world = { ...size, varied: true, negatives: 2, choices: 2 }
  const batches = Array.from({ length: steps }, (_, step) => {
    // Half of the steps ask every question both ways.
    const mirrored = new Float32Array([0.5, step % 2 ? 0.2 : 0])
    return { ...draws(spec, { ...world, seed: step }), mirrored }
  })
  return apart([one, other], spec, world, batches, updates)
}

/**
 * How far apart two engines get when they learn the same batches, by the largest value that a tensor ever had: moments
 * fade as the loss does, and then their last digits say nothing.
 */
export function apart(
  engines: readonly [Engine, Engine],
  spec: NetworkSpec,
  { users, items }: { readonly users: number; readonly items: number },
  batches: readonly DrawBatch[],
  updates: Updates = 'together',
): number {
  const networks = engines.map((engine) => engine.create(spec, 17))
  for (const network of networks) network.grow(users, items)
  const scales = new Map<string, number>()
  batches.forEach((batch, step) => {
    const [a, b] = networks.map((network) => network.step(batch, updates))
    assert.ok(Math.abs(a! - b!) <= 1e-4 * Math.abs(b!) + 1e-6, `step ${step}: loss ${a}, ${b}`)
    for (const [name, data] of piecesOf(networks[1]!)) {
      scales.set(name, Math.max(scales.get(name) ?? 0, largest(data)))
    }
  })
  const [shapes, others] = networks.map((network) => {
    return [...network.tensors()].map(([name, { shape }]) => [name, shape])
  })
  assert.deepEqual(shapes, others)
  const [mine, theirs] = networks.map(piecesOf)
  let worst = 0
  for (const [name, data] of mine!) {
    const reference = theirs!.get(name)!
    let difference = 0
    for (let at = 0; at < data.length; at++) {
      difference = Math.max(difference, Math.abs(data[at]! - reference[at]!))
    }
    if (difference > 0) worst = Math.max(worst, difference / scales.get(name)!)
  }
  return worst
}
