// Learning from windows in plain loops, one target after the other: the oracle of the matrix products
// (adapters/wasm/sequence). Written to be read, not to be fast.
//
// Symbols: p_b = Σ_l w_l · C_b[i_l] the blocks, x = [p of NBPR ; t of DNCR] the query, t = Σ_b p_b + tower(p), s_i = x
// · V_i + bias_i; softmax over s of the target and of its negatives.

import { checkWindows } from '../../../../src/learn/windows/check-windows.ts'
import { type Dropout, dropoutFor, keptAt } from '../../../../src/learn/windows/dropout.ts'
import {
  type SequenceLayout,
  sequenceLayout,
  sequenceTensors,
} from '../../../../src/learn/windows/sequence-layout.ts'
import type { NetworkSpec } from '../../../../src/ports/engine.ts'
import type {
  SequenceEngine,
  SequenceLearner,
  SequenceOptions,
  WindowBatch,
} from '../../../../src/ports/sequence-learner.ts'
import { addHistory, type HistoryOf, learnHistory } from './history.ts'
import { createActivations, towerBackward, towerForward } from './tower.ts'

const BETA1 = 0.9
const BETA2 = 0.999
const EPSILON = 1e-8

export function createArraysSequenceEngine(): SequenceEngine {
  return { name: 'arrays', create }
}

function create(spec: NetworkSpec, items: number, options: SequenceOptions): SequenceLearner {
  const layout = sequenceLayout(spec, items)
  const { length } = layout
  const values = new Float32Array(length)
  const gradients = new Float32Array(length)
  const mean = new Float32Array(length)
  const first = new Float64Array(length)
  const second = new Float64Array(length)
  let updates = 0
  return {
    gradient(batch) {
      const targets = checkWindows(batch, items)
      const sums = new Float64Array(length)
      const loss = gradientOf(layout, options, values, sums, batch, 1 / targets)
      for (let k = 0; k < length; k++) gradients[k]! += sums[k]!
      return loss / targets
    },
    update(rate, decay) {
      updates++
      for (let k = 0; k < length; k++) {
        const g = gradients[k]!
        first[k] = BETA1 * first[k]! + (1 - BETA1) * g
        second[k] = BETA2 * second[k]! + (1 - BETA2) * g * g
        const m = first[k]! / (1 - BETA1 ** updates)
        const v = second[k]! / (1 - BETA2 ** updates)
        values[k] = values[k]! * (1 - rate * decay) - (rate * m) / (Math.sqrt(v) + EPSILON)
      }
      gradients.fill(0)
    },
    average(share) {
      for (let k = 0; k < length; k++) mean[k]! += share * (values[k]! - mean[k]!)
    },
    tensors: (what) => sequenceTensors(layout, { values, gradients, mean }[what]),
  }
}

/** Returns the sum of the losses; adds dloss/dparameters times `scale` to `gradients`. */
function gradientOf(
  layout: SequenceLayout,
  options: SequenceOptions,
  values: Float32Array,
  gradients: Float64Array,
  batch: WindowBatch,
  scale: number,
): number {
  const { shape, columnsN, columnsD } = layout
  const dropItems = dropoutFor(options.dropItems, batch.key, 'items')
  const dropQuery = dropoutFor(options.dropQuery, batch.key, 'query')
  const dropTower = dropoutFor(options.dropTower, batch.key, 'tower')
  const tower = createActivations(layout)
  const p = new Float64Array(columnsN)
  const d = new Float64Array(columnsD)
  const x = new Float64Array(shape.query)
  const dx = new Float64Array(shape.query)
  const dd = new Float64Array(columnsD)
  let loss = 0
  let target = 0
  for (let w = 0; w < batch.targets.length; w++) {
    const end = batch.start[w + 1]!
    for (let at = end - batch.targets[w]!; at < end; at++, target++) {
      const history: HistoryOf = { batch, w, at, drop: dropItems, on: options.dropItems > 0 }
      p.fill(0)
      d.fill(0)
      addHistory(layout, layout.contextN, values, history, p)
      addHistory(layout, layout.contextD, values, history, d)
      x.fill(0)
      x.set(p)
      towerForward(
        layout,
        values,
        tower,
        keeping(dropTower, options.dropTower, target * columnsD),
        d,
        x,
      )
      const kept = keeping(dropQuery, options.dropQuery, target * shape.query)
      for (let k = 0; k < x.length; k++) x[k]! *= kept(k)
      dx.fill(0)
      loss += learnScores(layout, values, gradients, batch, w, at, x, dx, scale)
      for (let k = 0; k < x.length; k++) dx[k]! *= kept(k)
      dd.fill(0)
      towerBackward(layout, values, gradients, tower, dx, dd)
      learnHistory(layout, layout.contextN, gradients, history, dx)
      learnHistory(layout, layout.contextD, gradients, history, dd)
    }
  }
  return loss
}

function keeping(drop: Dropout, rate: number, from: number): (k: number) => number {
  return (k) => (rate > 0 ? keptAt(drop, from + k) : 1)
}

/** Returns the loss of one target; adds to the gradients of the item rows and biases, and to dx. */
function learnScores(
  layout: SequenceLayout,
  values: Float32Array,
  gradients: Float64Array,
  batch: WindowBatch,
  w: number,
  at: number,
  x: Float64Array,
  dx: Float64Array,
  scale: number,
): number {
  const { negatives, allowed } = batch
  const against = negatives.filter((_, k) => allowed[w * negatives.length + k] === 1)
  const candidates = [batch.items[at]!, ...against]
  const scores = candidates.map((item) => scoreOf(layout, values, item, x))
  const most = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - most))
  const total = powers.reduce((sum, power) => sum + power, 0)
  candidates.forEach((item, k) => {
    const pull = scale * (powers[k]! / total - (k === 0 ? 1 : 0))
    eachColumn(layout, item, (value, column) => {
      dx[column]! += pull * values[value]!
      gradients[value]! += pull * x[column]!
    })
    if (layout.bias) gradients[layout.bias.offset + item]! += pull
  })
  return Math.log(total) + most - scores[0]!
}

function scoreOf(
  layout: SequenceLayout,
  values: Float32Array,
  item: number,
  x: Float64Array,
): number {
  let score = layout.bias ? values[layout.bias.offset + item]! : 0
  eachColumn(layout, item, (value, column) => {
    score += x[column]! * values[value]!
  })
  return score
}

/** Visits where the numbers of an item are, with the column of the query that each is multiplied by. */
function eachColumn(
  { itemsN, itemsD, shape }: SequenceLayout,
  item: number,
  visit: (value: number, column: number) => void,
): void {
  for (const [piece, first] of [[itemsN, 0] as const, [itemsD, shape.queryN] as const]) {
    if (piece === undefined) continue
    const row = piece.offset + item * piece.columns
    for (let k = 0; k < piece.columns; k++) visit(row + k, first + k)
  }
}
