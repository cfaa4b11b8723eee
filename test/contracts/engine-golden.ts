// Numbers recorded once from the reference in pure JavaScript: ten steps of four networks. They catch
// what a change of all engines together would hide. Record again: node dist/test/contracts/record-golden.js

import type { Engine, NetworkSpec } from '../../src/ports/engine.ts'
import { piecesOf } from './engine-pieces.ts'
import { draws, historySpec, rowsSpec } from './engine-worlds.ts'

export interface Golden {
  readonly name: string
  readonly losses: readonly number[]
  /** For each tensor: the largest value it ever had, and every n-th of its values. */
  readonly tensors: Readonly<Record<string, { scale: number; values: readonly number[] }>>
}

const SAMPLES = 12
const learned = { output: 'learned', itemBias: false } as const
const adam = { kind: 'adam', rate: 0.005, l2: 0 } as const

/** The paper's NeuPR and DNCR, and the worker's parts. */
const specs: readonly NetworkSpec[] = [
  rowsSpec({
    name: 'paper',
    noise: 0.1,
    factors: 8,
    model: 'neupr',
    tower: 'joint',
    rows: adam,
    ...learned,
  }),
  rowsSpec({
    name: 'dncr',
    noise: 0.1,
    factors: 4,
    model: 'dncr',
    tower: 'joint',
    depth: 3,
    ...learned,
  }),
  historySpec({ name: 'history', factors: 8 }),
  historySpec({ name: 'user-tower', factors: 8, model: 'neupr', noise: 0.1 }),
]

export function goldenOf(engine: Engine): Golden[] {
  return specs.map((spec) => {
    const world = { count: 6, users: 10, items: 40, history: 12, varied: true }
    const network = engine.create(spec, 7)
    network.grow(world.users, world.items)
    const scales = new Map<string, number>()
    const losses = Array.from({ length: 10 }, (_, step) => {
      const batch = draws(spec, { ...world, seed: step })
      // Not as large as direct: a triplet and its twin would cancel the biases' gradients to rounding
      // noise, of which Adam makes whole steps.
      batch.mirrored.fill(0.1)
      const loss = network.step(batch, step % 2 ? 'each' : 'together')
      for (const [name, data] of piecesOf(network)) {
        scales.set(name, Math.max(scales.get(name) ?? 0, largest(data)))
      }
      return loss
    })
    const tensors = [...piecesOf(network)].map(([name, data]) => {
      const every = Math.ceil(data.length / SAMPLES)
      const scale = scales.get(name)!
      const values = Array.from(data).filter((_, at) => at % every === 0)
      return [name, { scale, values }] as const
    })
    return { name: spec.name, losses, tensors: Object.fromEntries(tensors) }
  })
}

/** The largest absolute value. */
export function largest(data: ArrayLike<number>): number {
  let most = 0
  for (let at = 0; at < data.length; at++) most = Math.max(most, Math.abs(data[at]!))
  return most
}

/** The largest difference, by the scale of its tensor. */
export function goldenError(got: readonly Golden[], recorded: readonly Golden[]): number {
  let worst = 0
  recorded.forEach(({ losses, tensors }, n) => {
    losses.forEach((loss, step) => {
      worst = Math.max(worst, Math.abs(got[n]!.losses[step]! - loss) / Math.abs(loss))
    })
    for (const [name, { scale, values }] of Object.entries(tensors)) {
      values.forEach((x, at) => {
        const difference = Math.abs(got[n]!.tensors[name]!.values[at]! - x)
        if (difference > 0) worst = Math.max(worst, difference / scale)
      })
    }
  })
  return worst
}
