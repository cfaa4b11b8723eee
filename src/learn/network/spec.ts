// What a network specification means in numbers, and what is wrong with one. No parameters live here.
//
// Symbols: f factors, B blocks (1 with user rows), Q columns of the query x, by which items are scored.

import { Failure } from '../../errors.ts'
import type { HistoryBlock, NetworkSpec, RowOptimizer } from '../../ports/engine.ts'

/** One dense layer of the tower: out = act(W·in + b), W is (outputs, inputs). */
export interface LayerShape {
  readonly inputs: number
  readonly outputs: number
  /** The last layer of a user tower is linear and starts at zero; all others are tanh. */
  readonly linear: boolean
}

export interface Shape {
  readonly blocks: number
  /** The NBPR half, and the DNCR half of the network. NeuPR has both. */
  readonly hasN: boolean
  readonly hasD: boolean
  readonly joint: boolean
  readonly factors: number
  /** Columns of a block in DNCR's tables: 4f with the joint tower, f with the user tower. */
  readonly widthD: number
  readonly layers: readonly LayerShape[]
  /** Columns of the query: B·f of NBPR, then (user tower only) f of DNCR. */
  readonly queryN: number
  readonly query: number
  /** Features of the joint tower that reach the output layer; 0 without one. */
  readonly hidden: number
  /**
   * Output weights: w1 and w2 of the query part (each `query` long; eq. 19), then those of the joint
   * tower's features (eq. 23, 25). 0 with `output: 'ones'`.
   */
  readonly outputs: number
}

export function shapeOf(spec: NetworkSpec): Shape {
  const f = spec.factors
  const blocks = spec.users === 'rows' ? 1 : spec.blocks.length
  const hasN = spec.model !== 'dncr'
  const hasD = spec.model !== 'nbpr'
  const joint = hasD && spec.tower === 'joint'
  const widthD = joint ? 4 * f : f
  const inputs = joint ? (blocks + 2) * widthD : blocks * widthD
  const layers = hasD ? layersOf(spec.depth, f, inputs, joint) : []
  const queryN = hasN ? blocks * f : 0
  const query = queryN + (hasD && !joint ? f : 0)
  const hidden = joint ? (layers.at(-1)?.outputs ?? inputs) : 0
  const outputs = spec.output === 'learned' ? 2 * query + hidden : 0
  return {
    blocks,
    hasN,
    hasD,
    joint,
    factors: f,
    widthD,
    layers,
    queryN,
    query,
    hidden,
    outputs,
  }
}

/** depth counts the concatenation as the first layer: widths f·2^(depth-2), …, 2f, f (algorithm A1). */
function layersOf(depth: number, f: number, inputs: number, joint: boolean): LayerShape[] {
  const layers: LayerShape[] = []
  for (let power = depth - 2; power >= 0; power--) {
    const outputs = f * 2 ** power
    layers.push({ inputs, outputs, linear: !joint && power === 0 })
    inputs = outputs
  }
  return layers
}

/** Throws SETTINGS_INVALID with every fault of the specification. */
export function checkSpec(spec: NetworkSpec): void {
  const faults: string[] = []
  const want = (holds: boolean, fault: string) => void (holds || faults.push(fault))
  const whole = (x: number, low: number, high: number) =>
    Number.isInteger(x) && x >= low && x <= high
  want(spec.name.length > 0, 'name must not be empty')
  want(['rows', 'history'].includes(spec.users), `users must be rows or history, not ${spec.users}`)
  want(
    ['nbpr', 'dncr', 'neupr'].includes(spec.model),
    `model must be nbpr, dncr or neupr, not ${spec.model}`,
  )
  want(['joint', 'user'].includes(spec.tower), `tower must be joint or user, not ${spec.tower}`)
  want(['learned', 'ones'].includes(spec.output), `output must be learned or ones`)
  want(whole(spec.factors, 4, 128), `factors must be a whole number 4…128, not ${spec.factors}`)
  want(whole(spec.depth, 1, 6), `depth must be a whole number 1…6, not ${spec.depth}`)
  want(
    spec.users === 'history' ? spec.blocks.length > 0 : spec.blocks.length === 0,
    `users: history needs at least one block, users: rows none; there are ${spec.blocks.length}`,
  )
  want(spec.users === 'history' || !spec.startItem, 'startItem needs users: history')
  const joint = spec.model !== 'nbpr' && spec.tower === 'joint'
  want(!joint || spec.output === 'learned', 'a joint tower needs output: learned')
  want(!spec.itemBias || spec.output === 'ones', 'itemBias needs output: ones')
  want(spec.noise >= 0 && spec.noise < 10, `noise must be 0…10, not ${spec.noise}`)
  spec.blocks.forEach((block, b) => {
    faults.push(...blockFaults(block).map((fault) => `block ${b}: ${fault}`))
  })
  faults.push(...optimizerFaults('rows', spec.rows), ...optimizerFaults('bias', spec.bias))
  faults.push(...optimizerFaults('dense', spec.dense))
  if (faults.length > 0) {
    throw new Failure('SETTINGS_INVALID', `the network ${spec.name}: ${faults.join('; ')}`)
  }
}

function blockFaults(block: HistoryBlock): string[] {
  const faults: string[] = []
  const { kind, length, power } = block
  if (!['long', 'short', 'time'].includes(kind)) faults.push(`kind ${kind} is unknown`)
  if (!(Number.isInteger(length) && length >= 1 && length <= 10_000)) {
    faults.push(`length must be a whole number 1…10000, not ${length}`)
  }
  if (!(power >= 0 && power <= 2)) faults.push(`power must be 0…2, not ${power}`)
  if (kind === 'short' && !(block.decay > 0 && block.decay <= 1)) {
    faults.push(`decay must be over 0 and at most 1, not ${block.decay}`)
  }
  if (kind === 'time' && !(block.seconds > 0 && block.seconds < Infinity)) {
    faults.push(`seconds must be over 0, not ${block.seconds}`)
  }
  return faults
}

function optimizerFaults(name: string, optimizer: RowOptimizer | NetworkSpec['dense']): string[] {
  const faults: string[] = []
  const { kind, rate, l2 } = optimizer
  const kinds = name === 'dense' ? ['adam', 'sgd'] : ['sgd', 'adagrad', 'adam']
  if (!kinds.includes(kind)) faults.push(`${name}.kind must be one of ${kinds.join(', ')}`)
  if (!(rate >= 0 && rate <= 100)) faults.push(`${name}.rate must be 0…100, not ${rate}`)
  if (!(l2 >= 0 && l2 <= 10)) faults.push(`${name}.l2 must be 0…10, not ${l2}`)
  if (kind === 'adagrad' && !(optimizer.start > 0)) {
    faults.push(`${name}.start must be over 0, not ${optimizer.start}`)
  }
  return faults
}
