// Derivatives of an engine against central differences of the formulas in doubles.
// With plain SGD and no L2, (before - after) / rate is the engine's gradient, up to float32's rounding.

import assert from 'node:assert/strict'
import type { DrawBatch, Engine, NetworkSpec } from '../../src/ports/engine.ts'
import { copyOf } from './engine.ts'
import { choose, lossOf } from './engine-formulas.ts'
import { numbers } from './engine-worlds.ts'

const RATE = 100
const PROBES = 6
const STEP = 1e-4

/** The same network with plain SGD everywhere, and rows far from zero. */
export function plain(spec: NetworkSpec): NetworkSpec {
  const sgd = { kind: 'sgd', rate: RATE, l2: 0 } as const
  return { ...spec, noise: 0.3, rows: sgd, bias: sgd, dense: sgd }
}

/** The largest |gradient - central difference| of any tensor, by the tensor's largest |gradient|. */
export function gradientError(engine: Engine, spec: NetworkSpec, batch: DrawBatch): number {
  const network = engine.create(spec, 21)
  const most = (ids: Int32Array) => ids.reduce((high, id) => Math.max(high, id), 0)
  network.grow(most(batch.userRows) + 1, most(batch.candidates) + most(batch.positives) + 1)
  stir(network.tensors(), spec)
  const before = copyOf(network)
  const values = new Map(
    [...before].map(([name, { data }]) => [
      name.slice(spec.name.length + 1),
      Float64Array.from(data),
    ]),
  )
  const chosen = Array.from({ length: batch.count }, (_, k) => choose(spec, values, batch, k))
  const loss = () => lossOf(spec, values, batch, 0, batch.count, chosen)
  const reported = network.step(batch, 'together')
  assert.ok(Math.abs(reported - loss()) <= 1e-6 * loss(), `loss ${reported}, formulas ${loss()}`)
  let worst = 0
  for (const [name, { data }] of network.tensors()) {
    if (name.endsWith('/steps')) continue
    const old = before.get(name)!.data
    const gradient = Float64Array.from(data, (x, at) => (old[at]! - x) / RATE)
    const scale = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0)
    const tensor = values.get(name.slice(spec.name.length + 1))!
    for (const at of probes(gradient)) {
      const x = tensor[at]!
      tensor[at] = x + STEP
      const above = loss()
      tensor[at] = x - STEP
      const slope = (above - loss()) / (2 * STEP)
      tensor[at] = x
      const error = Math.abs(gradient[at]! - slope)
      if (scale > 0 || error > 0) worst = Math.max(worst, error / scale)
    }
  }
  return worst
}

/** Biases and the user tower's last layer start at zero, where half of the derivatives vanish. */
function stir(
  tensors: ReadonlyMap<string, { data: { [at: number]: number; length: number } }>,
  spec: NetworkSpec,
) {
  const next = numbers(4)
  for (const [name, { data }] of tensors) {
    if (!/tower|bias/.test(name.slice(spec.name.length))) continue
    for (let at = 0; at < data.length; at++) data[at] = data[at]! + 0.4 * (next() - 0.5)
  }
}

/** Places of the largest gradients, and some at random. */
function probes(gradient: Float64Array): number[] {
  const next = numbers(gradient.length)
  const order = [...gradient.keys()].sort((a, b) => Math.abs(gradient[b]!) - Math.abs(gradient[a]!))
  const random = Array.from({ length: PROBES }, () => Math.floor(next() * gradient.length))
  return [...new Set([...order.slice(0, PROBES), ...random])]
}
