// The blocks of one target, summed item by item as HistoryBlock of ports/engine.ts says.

import { type Dropout, keptAt } from '../../../../src/learn/windows/dropout.ts'
import type { Piece, SequenceLayout } from '../../../../src/learn/windows/sequence-layout.ts'
import type { HistoryBlock } from '../../../../src/ports/engine.ts'
import type { WindowBatch } from '../../../../src/ports/sequence-learner.ts'

const WEIGHT_MIN = 0.02

/** The target at index `at` of the batch's items, in window w. */
export interface HistoryOf {
  readonly batch: WindowBatch
  readonly w: number
  readonly at: number
  readonly drop: Dropout
  readonly on: boolean
}

/** out[b·width …] += p_b */
export function addHistory(
  layout: SequenceLayout,
  context: Piece | undefined,
  values: Float32Array,
  history: HistoryOf,
  out: Float64Array,
): void {
  eachRow(layout, context, history, (row, from, width, weight) => {
    for (let k = 0; k < width; k++) out[from + k]! += weight * values[row + k]!
  })
}

export function learnHistory(
  layout: SequenceLayout,
  context: Piece | undefined,
  gradients: Float64Array,
  history: HistoryOf,
  dOut: Float64Array,
): void {
  eachRow(layout, context, history, (row, from, width, weight) => {
    for (let k = 0; k < width; k++) gradients[row + k]! += weight * dOut[from + k]!
  })
}

function eachRow(
  { spec, shape, shift }: SequenceLayout,
  context: Piece | undefined,
  { batch, w, at, drop, on }: HistoryOf,
  visit: (row: number, from: number, width: number, weight: number) => void,
): void {
  if (context === undefined) return
  const width = context.columns / shape.blocks
  spec.blocks.forEach((block, b) => {
    const row = (number: number) => context.offset + number * context.columns + b * width
    const { weights, start, scale } = weightsOf(block, batch, w, at, shift === 1)
    weights.forEach((weight, l) => {
      const kept = on ? keptAt(drop, at - 1 - l) : 1
      const item = batch.items[at - 1 - l]!
      visit(row(item + shift), b * width, width, weight * scale * kept)
    })
    if (start > 0) visit(row(0), b * width, width, start * scale)
  })
}

/** Newest first. `start` is the weight of the virtual oldest item, 0 if the block does not reach it. */
function weightsOf(
  block: HistoryBlock,
  batch: WindowBatch,
  w: number,
  at: number,
  hasStart: boolean,
): { weights: number[]; start: number; scale: number } {
  const given = at - batch.start[w]!
  const whole = given + batch.before[w]!
  const weights: number[] = []
  for (let l = 0; l < Math.min(given, block.length); l++) {
    const weight = weightAt(block, l, batch.times[at]! - batch.times[at - 1 - l]!)
    if (block.kind === 'time' && weight < WEIGHT_MIN) break
    weights.push(weight)
  }
  const reaches = hasStart && block.kind !== 'time' && weights.length === whole
  const start = reaches ? weightAt(block, whole, 0) : 0
  const mass = weights.reduce((sum, weight) => sum + weight, block.kind === 'time' ? 1 : start)
  return { weights, start, scale: mass === 0 ? 0 : mass ** -block.power }
}

function weightAt(block: HistoryBlock, l: number, age: number): number {
  if (block.kind === 'time') return Math.exp(-age / block.seconds)
  return block.kind === 'short' ? block.decay ** l : 1
}
