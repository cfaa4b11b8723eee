// The paper's formulas once more, in doubles, loss only: written from the equations, to be differentiated
// by central differences. Slow, and shares no code with the engines.
//
// Symbols: p user vector (B blocks), t its DNCR form, i positive, j negative, z(u,a,b) a logit.

import type { DrawBatch, NetworkSpec } from '../../src/ports/engine.ts'

/** Values of every tensor by the name within the network, e.g. `nbpr.item`; rows one after another. */
export type Values = ReadonlyMap<string, Float64Array>

/** Weights of block b over the user's history, by context row (start item: row 0). */
function blockWeights(
  spec: NetworkSpec,
  b: number,
  batch: DrawBatch,
  k: number,
): [number, number][] {
  const block = spec.blocks[b]!
  const from = batch.historyStart[k]!
  const given = batch.historyStart[k + 1]! - from
  const list: [number, number][] = []
  const shift = spec.startItem ? 1 : 0
  for (let l = 0; l < Math.min(given, block.length); l++) {
    let weight = 1
    if (block.kind === 'short') weight = block.decay ** l
    if (block.kind === 'time') weight = Math.exp(-batch.historyAges[from + l]! / block.seconds)
    if (weight < 0.02 && block.kind === 'time') break
    list.push([batch.historyItems[from + l]! + shift, weight])
  }
  const whole = list.length === batch.historyLength[k]
  if (spec.startItem && whole && block.kind !== 'time') {
    list.push([0, block.kind === 'short' ? block.decay ** list.length : 1])
  }
  const sum = list.reduce((total, [, weight]) => total + weight, 0)
  const mass = { long: list.length, short: sum, time: 1 + sum }[block.kind]
  return list.map(([row, weight]) => [row, weight * mass ** -block.power])
}

/** p_b for all blocks, one after another, of one half (`nbpr` or `dncr`). */
function userVector(spec: NetworkSpec, values: Values, half: string, batch: DrawBatch, k: number) {
  const f = half === 'dncr' && spec.tower === 'joint' ? 4 * spec.factors : spec.factors
  if (spec.users === 'rows') return rowOf(values, `${half}.user`, batch.userRows[k]!, f)
  const context = values.get(`${half}.context`)!
  return spec.blocks.flatMap((_, b) => {
    const p = new Array<number>(f).fill(0)
    for (const [row, weight] of blockWeights(spec, b, batch, k)) {
      for (let d = 0; d < f; d++) p[d]! += weight * context[(row * spec.blocks.length + b) * f + d]!
    }
    return p
  })
}

// Central differences spend most of the time of the engines' tests in these two: no closures, and no iterators of typed
// arrays.
function layer(values: Values, l: number, input: readonly number[]): number[] {
  const weight = values.get(`tower.${l}.weight`)!
  const bias = values.get(`tower.${l}.bias`)!
  const output: number[] = []
  for (let o = 0; o < bias.length; o++) {
    let sum = bias[o]!
    for (let d = 0; d < input.length; d++) sum += weight[o * input.length + d]! * input[d]!
    output.push(sum)
  }
  return output
}

function rowOf(values: Values, name: string, row: number, columns: number): number[] {
  const table = values.get(name)!
  const found: number[] = []
  for (let d = 0; d < columns; d++) found.push(table[row * columns + d]!)
  return found
}

/** z(u,a,b) for the user of draw k. */
export function logit(spec: NetworkSpec, values: Values, batch: DrawBatch, k: number) {
  const f = spec.factors
  const joint = spec.model !== 'nbpr' && spec.tower === 'joint'
  const hasN = spec.model !== 'dncr'
  const hasD = spec.model !== 'nbpr'
  const p = hasN ? userVector(spec, values, 'nbpr', batch, k) : []
  const q = hasD ? userVector(spec, values, 'dncr', batch, k) : []
  let t: number[] = []
  if (hasD && !joint) {
    let h = q
    for (let l = 1; l < spec.depth; l++) {
      h = layer(values, l, h)
      if (l < spec.depth - 1) h = h.map(Math.tanh)
    }
    t = q.slice(0, f).map((_, d) => {
      const own = q.reduce((sum, x, at) => (at % f === d ? sum + x : sum), 0)
      return own + (spec.depth > 1 ? h[d]! : 0)
    })
  }
  const query = [...p, ...t]
  const item = (a: number) => [
    ...(hasN ? rowOf(values, 'nbpr.item', a, p.length) : []),
    ...(t.length > 0 ? rowOf(values, 'dncr.item', a, f) : []),
  ]
  return (a: number, b: number): number => {
    const va = item(a)
    const vb = item(b)
    if (spec.output === 'ones') {
      const bias = spec.itemBias ? values.get('item.bias')! : undefined
      const difference = bias ? bias[a]! - bias[b]! : 0
      return query.reduce((sum, x, d) => sum + x * (va[d]! - vb[d]!), difference)
    }
    const features = [...query.map((x, d) => x * va[d]!), ...query.map((x, d) => -x * vb[d]!)]
    if (joint) {
      const negated = rowOf(values, 'dncr.item', b, 4 * f).map((x) => -x)
      let h = [...q, ...rowOf(values, 'dncr.item', a, 4 * f), ...negated]
      for (let l = 1; l < spec.depth; l++) h = layer(values, l, h).map(Math.tanh)
      features.push(...h)
    }
    const weight = values.get('output.weight')!
    return features.reduce((sum, x, d) => sum + weight[d]! * x, values.get('output.bias')![0]!)
  }
}

/** j_q of draw k: the candidate that the model ranks best (joint: the smallest z(u,i,j)), or -1. */
export function choose(spec: NetworkSpec, values: Values, batch: DrawBatch, k: number): number[] {
  const z = logit(spec, values, batch, k)
  const joint = spec.model !== 'nbpr' && spec.tower === 'joint'
  const i = batch.positives[k]!
  return Array.from({ length: batch.negatives }, (_, q) => {
    const from = (k * batch.negatives + q) * batch.choices
    const given = [...batch.candidates.subarray(from, from + batch.choices)].filter((j) => j >= 0)
    const ease = (j: number) => (joint ? z(i, j) : z(i, j) - z(j, i))
    return given.reduce((best, j) => (best < 0 || ease(j) < ease(best) ? j : best), -1)
  })
}

/** The mean loss of draws from … to-1 with the negatives chosen before. */
export function lossOf(
  spec: NetworkSpec,
  values: Values,
  batch: DrawBatch,
  from: number,
  to: number,
  chosen: readonly (readonly number[])[],
): number {
  const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
  let loss = 0
  for (let k = from; k < to; k++) {
    const z = logit(spec, values, batch, k)
    const i = batch.positives[k]!
    chosen[k]!.forEach((j, q) => {
      if (j < 0) return
      loss += batch.direct[q]! * softplus(-z(i, j)) + batch.mirrored[q]! * softplus(z(j, i))
    })
  }
  return loss / (to - from)
}
