// Pre-training (eq. 26): NBPR and DNCR, each trained alone, are merged into one NeuPR that starts where they ended,
//     w ← [α·w_N ; (1-α)·w_D],  b ← α·b_N + (1-α)·b_D,
// so its first logit is α·z_N + (1-α)·z_D for every pair. Where there are no output weights, the item rows and item
// biases take their place. The optimizer of the merged network starts anew, but Adagrad's sums stay with their rows.

import type { Tensor, TensorData } from '../../ports/checkpoint-store.ts'
import type { Network, NetworkSpec } from '../../ports/engine.ts'
import { caughtUpTable } from './adam-catch-up.ts'
import { shapeOf } from './spec.ts'

/**
 * Overwrites `into`. Throws a RangeError unless all three networks have the same size and differ only in model, name
 * and optimizer.
 */
export function mergePretrained(into: Network, nbpr: Network, dncr: Network, alpha: number): void {
  check(into.spec, nbpr.spec, dncr.spec, alpha)
  const halves = { N: valuesOf(nbpr), D: valuesOf(dncr) }
  const keep = into.spec.rows.kind
  for (const [key, { data }] of into.tensors()) {
    const name = key.slice(into.spec.name.length + 1)
    if (isFresh(name)) data.fill(0)
    else if (name === 'output.weight') mergeOutputs(into.spec, halves, alpha, data)
    else if (name === 'output.bias' || name === 'item.bias') {
      put(name, data, halves.N.get(name), alpha)
      put(name, data, halves.D.get(name), 1 - alpha, true)
    } else {
      const from = name.startsWith('nbpr.') ? 'N' : 'D'
      const half = halves[from]
      const sums = name.endsWith('.squares')
      if (sums && (from === 'N' ? nbpr : dncr).spec.rows.kind !== keep) continue
      const source = name === 'item.bias.squares' ? halves.N.get(name) : half.get(name)
      const scaled = into.spec.output === 'ones' && /^(nbpr|dncr)\.item$/.test(name)
      put(name, data, source, scaled ? (from === 'N' ? alpha : 1 - alpha) : 1)
    }
  }
}

/** Gives `into` the values of the same network under another optimizer; its own optimizer starts anew. */
export function copyValues(into: Network, from: Network): void {
  const values = valuesOf(from)
  for (const [key, { data }] of into.tensors()) {
    const name = key.slice(into.spec.name.length + 1)
    if (isFresh(name)) data.fill(0)
    else if (!name.endsWith('.squares')) put(name, data, values.get(name), 1)
  }
}

/** Counts and moments, as they are before the first step. */
function isFresh(name: string): boolean {
  return name === 'steps' || /\.(first|second|moments|last)$/.test(name)
}

type Values = ReadonlyMap<string, TensorData>

/**
 * The values of a network by name, without the network's own name; rows that have missed updates of Adam are caught up.
 */
function valuesOf({ spec, tensors }: Network): Values {
  const all = tensors()
  const at = (name: string): Tensor | undefined => all.get(`${spec.name}/${name}`)
  const now = at('steps')?.data[0] ?? 0
  const values = new Map<string, TensorData>()
  for (const [key, { data }] of all) {
    const name = key.slice(spec.name.length + 1)
    const last = at(`${name}.last`)
    if (last === undefined) values.set(name, data)
    else {
      const moments = at(`${name}.moments`)!.data
      const rate = name === 'item.bias' ? spec.bias.rate : spec.rows.rate
      const table = { values: data, moments, last: last.data } as Parameters<
        typeof caughtUpTable
      >[0]
      values.set(name, caughtUpTable(table, rate, now))
    }
  }
  return values
}

/** Output weights are w1 and w2 over the query, then those of the joint tower's features: [w1_N w1_D w2_N w2_D w_D]. */
function mergeOutputs(
  spec: NetworkSpec,
  { N, D }: { readonly N: Values; readonly D: Values },
  alpha: number,
  out: TensorData,
): void {
  const { query, queryN, hidden } = shapeOf(spec)
  const queryD = query - queryN
  const wN = N.get('output.weight')!
  const wD = D.get('output.weight')!
  for (let side = 0; side < 2; side++) {
    for (let k = 0; k < queryN; k++) out[side * query + k] = alpha * wN[side * queryN + k]!
    for (let k = 0; k < queryD; k++) {
      out[side * query + queryN + k] = (1 - alpha) * wD[side * queryD + k]!
    }
  }
  for (let k = 0; k < hidden; k++) out[2 * query + k] = (1 - alpha) * wD[2 * queryD + k]!
}

function put(
  name: string,
  into: TensorData,
  from: TensorData | undefined,
  scale: number,
  add = false,
): void {
  if (from === undefined || from.length !== into.length) {
    throw new RangeError(`${name}: ${into.length} numbers expected, got ${from?.length ?? 'none'}`)
  }
  for (let k = 0; k < into.length; k++) into[k] = scale * from[k]! + (add ? into[k]! : 0)
}

function check(into: NetworkSpec, nbpr: NetworkSpec, dncr: NetworkSpec, alpha: number): void {
  const models = [into.model, nbpr.model, dncr.model].join()
  if (models !== 'neupr,nbpr,dncr') throw new RangeError(`neupr of nbpr and dncr, not ${models}`)
  if (!(alpha >= 0 && alpha <= 1)) throw new RangeError(`alpha must be 0…1, not ${alpha}`)
  const { users, factors, tower, depth, blocks, startItem, output, itemBias } = into
  const shared = { users, factors, blocks, startItem, output, itemBias }
  const ofTower = { tower, depth }
  for (const [spec, wanted] of [
    [nbpr, shared],
    [dncr, { ...shared, ...ofTower }],
  ] as const) {
    for (const [name, value] of Object.entries(wanted)) {
      const got = JSON.stringify(spec[name as keyof NetworkSpec])
      if (got === JSON.stringify(value)) continue
      throw new RangeError(`${spec.name}: ${name} must be ${JSON.stringify(value)}, not ${got}`)
    }
  }
}
