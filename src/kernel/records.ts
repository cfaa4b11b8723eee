// The records of tables, history blocks and layers in a network's memory. The host writes them through the functions
// below, so that no other file knows where a field stands.

import { itemBiasAt, itemsDAt, itemsNAt, oneAt, sourceDAt, sourceNAt } from './constants'

/** A table of rows and the state of its optimizer. A block of a row is a row of its own for the optimizer. */
@unmanaged
export class Table {
  values: usize
  /** adagrad: accumulators (rows, blocks); adam: moments (rows, blocks, 2, width), the first before the second. */
  state: usize
  /** adam: the number of the last update of each block. */
  last: usize
  columns: i32
  width: i32
  blocks: i32
  /** 0 sgd, 1 adagrad, 2 adam; -1: the network has no such table. */
  kind: i32
  rate: f32
  l2: f32
  /**
   * Where an update of several draws sums the gradients of the touched blocks of rows (rows/row-gradients.ts). Every
   * thread has sums of its own, `sumsPitch` bytes apart: how many there are, their keys, and from `toSums` on the sums;
   * and a hash table of 2^(32 - hashShift) slots.
   */
  slots: usize
  touched: usize
  toSums: usize
  sumsPitch: i32
  hashShift: i32
}

export const SGD = 0
export const ADAGRAD = 1
export const ADAM = 2

/** How a block weighs the history. */
@unmanaged
export class Block {
  /** 0 long, 1 short, 2 time. */
  kind: i32
  length: i32
  /** long, short: the scale for lists of n items, n ≤ length + 1. */
  scales: usize
  /** short: decay^l. */
  decays: usize
  /** time: 1 / seconds. */
  perSecond: f32
  power: f32
}

/** A layer of the tower: out = act(W·in + b), W is (outputs, inputs). */
@unmanaged
export class Layer {
  weights: usize
  biases: usize
  inputs: i32
  outputs: i32
  /** The last layer of a user tower is linear; all others are tanh. */
  linear: i32
  /** The outputs for one draw, and the gradient of the loss by them. */
  out: usize
  delta: usize
  /** The same for the pairs of a chunk, in planes (outputs, pairs). */
  plane: usize
  planeDelta: usize
}

export const sourceN = changetype<Table>(<usize>sourceNAt)
export const itemsN = changetype<Table>(<usize>itemsNAt)
export const sourceD = changetype<Table>(<usize>sourceDAt)
export const itemsD = changetype<Table>(<usize>itemsDAt)
export const itemBias = changetype<Table>(<usize>itemBiasAt)

/** A row whose only column is 1. */
export const ONE: usize = oneAt

export function writeTable(
  at: usize, kind: i32, values: usize, state: usize, last: usize, columns: i32, width: i32, blocks: i32, rate: f32,
  l2: f32,
): void {
  const table = changetype<Table>(at)
  table.kind = kind
  table.values = values
  table.state = state
  table.last = last
  table.columns = columns
  table.width = width
  table.blocks = blocks
  table.rate = rate
  table.l2 = l2
}

export function writeTableSums(
  at: usize, slots: usize, touched: usize, toSums: usize, sumsPitch: i32, hashShift: i32,
): void {
  const table = changetype<Table>(at)
  table.slots = slots
  table.touched = touched
  table.toSums = toSums
  table.sumsPitch = sumsPitch
  table.hashShift = hashShift
}

export function blockBytes(): i32 {
  return offsetof<Block>()
}

export function writeBlock(
  at: usize, kind: i32, length: i32, scales: usize, decays: usize, perSecond: f32, power: f32,
): void {
  const block = changetype<Block>(at)
  block.kind = kind
  block.length = length
  block.scales = scales
  block.decays = decays
  block.perSecond = perSecond
  block.power = power
}

export function layerBytes(): i32 {
  return offsetof<Layer>()
}

export function writeLayer(
  at: usize, weights: usize, biases: usize, inputs: i32, outputs: i32, linear: i32, out: usize, delta: usize,
): void {
  const layer = changetype<Layer>(at)
  layer.weights = weights
  layer.biases = biases
  layer.inputs = inputs
  layer.outputs = outputs
  layer.linear = linear
  layer.out = out
  layer.delta = delta
}

export function writeLayerPlanes(at: usize, plane: usize, planeDelta: usize): void {
  const layer = changetype<Layer>(at)
  layer.plane = plane
  layer.planeDelta = planeDelta
}
