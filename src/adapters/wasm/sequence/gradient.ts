// The forward and backward pass of a batch of windows, as calls of the kernel. What each step computes is written
// plainly in test/adapters/arrays/sequence; here it is composed of matrix products.
//
// Symbols: T targets, N items, K negatives, Q columns of the query, X queries (T, Q), p DNCR's blocks (T, B·f).

import { dropoutFor, type dropStages } from '../../../learn/windows/dropout.ts'
import type { Piece, SequenceLayout } from '../../../learn/windows/sequence-layout.ts'
import type { SequenceOptions, WindowBatch } from '../../../ports/sequence-learner.ts'
import type { Place, Sizes } from './batch-layout.ts'
import type { SequenceKernel } from './kernel.ts'
import { eachHistory, eachItemTable, eachSlidingSum } from './visit-pieces.ts'

export interface Machine {
  readonly layout: SequenceLayout
  readonly kernel: SequenceKernel
  readonly options: SequenceOptions
  /** Addresses of the parameters and of their gradients. */
  readonly values: number
  readonly gradients: number
}

/** Leaves the gradients by all scores in the scores' places; returns the sum of the losses. */
export function forward(machine: Machine, place: Place, sizes: Sizes, batch: WindowBatch): number {
  const { kernel, layout, options } = machine
  const { shape, bias } = layout
  const { targets: t, negatives: k } = sizes
  const q = shape.query
  const value = (piece: Piece) => machine.values + 4 * piece.offset
  eachHistory(layout, place, (context, rows, columns, width, out, rowOut) => {
    const table = value(context)
    kernel.gatherRows(table, place.itemRows, place.keep, sizes.items, columns, rows, columns)
    eachSlidingSum(place, sizes, batch, shape.blocks, (plan, n, first, b, item, target) => {
      const items = rows + 4 * (item * columns + b * width)
      const to = out + 4 * (target * rowOut + b * width)
      const start = table + 4 * b * width
      kernel.slidingSums(plan, n, first, items, start, columns, width, to, rowOut, place.moving)
    })
  })
  if (shape.hasD) {
    const to = place.query + 4 * shape.queryN
    kernel.sumBlocks(to, q, place.sums, t, shape.blocks, shape.widthD)
    towerForward(machine, place, t, batch.key, to)
  }
  drop(machine, place.query, t * q, options.dropQuery, batch.key, 'query')
  eachItemTable(layout, (piece, at) => {
    const { columns } = piece
    const from = value(piece)
    kernel.gatherRows(from, place.targetIds, place.ones, t, columns, place.ownRows + 4 * at, q)
    kernel.gatherRows(from, place.negativeIds, place.ones, k, columns, place.shared + 4 * at, q)
  })
  const biases = bias === undefined ? 0 : value(bias)
  kernel.ownScores(place.query, place.ownRows, t, q, biases, place.targetIds, place.own)
  const { query, shared, scores, packed } = place
  kernel.multiply(t, k, q, query, q, 1, shared, 1, q, scores, k, 0, packed)
  return kernel.softmaxRows(place.own, scores, place.offsets, place.targetWindows, t, k, 1 / t)
}

export function backward(machine: Machine, place: Place, sizes: Sizes, batch: WindowBatch): void {
  const { kernel, layout, options } = machine
  const { shape, bias } = layout
  const { targets: t, negatives: k } = sizes
  const q = shape.query
  const gradient = (piece: Piece) => machine.gradients + 4 * piece.offset
  const { query, dQuery, shared, dShared, scores, packed, ones } = place
  kernel.multiply(t, q, k, scores, k, 1, shared, q, 1, dQuery, q, 0, packed)
  kernel.multiply(k, q, t, scores, 1, k, query, q, 1, dShared, q, 0, packed)
  kernel.ownGradients(query, dQuery, place.ownRows, place.own, t, q)
  eachItemTable(layout, (piece, at) => {
    const { columns } = piece
    const to = gradient(piece)
    kernel.scatterRows(to, place.targetIds, ones, t, columns, place.ownRows + 4 * at, q)
    kernel.scatterRows(to, place.negativeIds, ones, k, columns, dShared + 4 * at, q)
  })
  if (bias !== undefined) {
    zero(kernel, place.dBias, k)
    kernel.sumColumns(place.dBias, scores, k, t, k)
    kernel.scatterRows(gradient(bias), place.targetIds, ones, t, 1, place.own, 1)
    kernel.scatterRows(gradient(bias), place.negativeIds, ones, k, 1, place.dBias, 1)
  }
  drop(machine, dQuery, t * q, options.dropQuery, batch.key, 'query')
  if (shape.hasD) {
    const from = dQuery + 4 * shape.queryN
    towerBackward(machine, place, t, batch.key, from)
    kernel.spreadBlocks(place.dInput, from, q, t, shape.blocks, shape.widthD)
  }
  eachHistory(layout, place, (context, rows, columns, width, _, rowOut, dOut) => {
    const table = gradient(context)
    zero(kernel, rows, sizes.items * columns)
    eachSlidingSum(place, sizes, batch, shape.blocks, (plan, n, first, b, item, target) => {
      const items = rows + 4 * (item * columns + b * width)
      const from = dOut + 4 * (target * rowOut + b * width)
      const start = table + 4 * b * width
      kernel.slidingSumsBackward(
        plan,
        n,
        first,
        items,
        start,
        columns,
        width,
        from,
        rowOut,
        place.moving,
      )
    })
    kernel.scatterRows(table, place.itemRows, place.keep, sizes.items, columns, rows, columns)
  })
}

/** The tower over p: its hidden layers, and the last, linear one, which is added to `out` (rows of Q). */
function towerForward(machine: Machine, place: Place, t: number, key: number, out: number): void {
  const { kernel, layout, options, values } = machine
  const { layers, shape, columnsD } = layout
  kernel.floats.copyWithin(place.input / 4, place.sums / 4, place.sums / 4 + t * columnsD)
  drop(machine, place.input, t * columnsD, options.dropTower, key, 'tower')
  layers.forEach(({ weight, bias }, l) => {
    const { rows: outputs, columns: inputs } = weight
    const from = l === 0 ? place.input : place.hidden[l - 1]!
    const isLast = l === layers.length - 1
    const to = isLast ? out : place.hidden[l]!
    const rowTo = isLast ? shape.query : outputs
    const w = values + 4 * weight.offset
    const add = isLast ? 1 : 0
    kernel.multiply(t, outputs, inputs, from, inputs, 1, w, 1, inputs, to, rowTo, add, place.packed)
    if (isLast) kernel.addRows(to, rowTo, values + 4 * bias.offset, t, outputs)
    else kernel.tanhRows(to, values + 4 * bias.offset, t, outputs)
  })
}

/** dOut is the gradient by the tower's output (rows of Q); leaves the gradient by p through the tower in dInput. */
function towerBackward(machine: Machine, place: Place, t: number, key: number, dOut: number): void {
  const { kernel, layout, options, values, gradients } = machine
  const { layers, shape, columnsD } = layout
  if (layers.length === 0) zero(kernel, place.dInput, t * columnsD)
  for (let l = layers.length - 1; l >= 0; l--) {
    const { weight, bias } = layers[l]!
    const { rows: outputs, columns: inputs } = weight
    const isLast = l === layers.length - 1
    const d = isLast ? dOut : place.dHidden[l]!
    const rowD = isLast ? shape.query : outputs
    const from = l === 0 ? place.input : place.hidden[l - 1]!
    const dFrom = l === 0 ? place.dInput : place.dHidden[l - 1]!
    const g = gradients + 4 * weight.offset
    const w = values + 4 * weight.offset
    kernel.multiply(outputs, inputs, t, d, 1, rowD, from, inputs, 1, g, inputs, 1, place.packed)
    kernel.sumColumns(gradients + 4 * bias.offset, d, rowD, t, outputs)
    kernel.multiply(t, inputs, outputs, d, rowD, 1, w, inputs, 1, dFrom, inputs, 0, place.packed)
    if (l > 0) kernel.tanhBack(dFrom, from, t * inputs)
  }
  drop(machine, place.dInput, t * columnsD, options.dropTower, key, 'tower')
}

function drop(
  { kernel }: Machine,
  at: number,
  n: number,
  rate: number,
  batchKey: number,
  stage: keyof typeof dropStages,
): void {
  if (rate <= 0) return
  const { key, least, factor } = dropoutFor(rate, batchKey, stage)
  kernel.dropOut(at, n, key, least, factor)
}

function zero(kernel: SequenceKernel, at: number, words: number): void {
  kernel.floats.fill(0, at / 4, at / 4 + words)
}
