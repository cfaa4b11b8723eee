// Where everything of a network lies in one flat buffer: dense weights first (they never move), then
// the tables with their optimizer state. Offsets only; the values are in store.ts.
//
// Tables: V item rows, U user rows or C context rows (the «source»), for NBPR and for DNCR apart.

import type { NetworkSpec, RowOptimizer } from '../../ports/engine.ts'
import { type Shape, shapeOf } from './spec.ts'

/** Rows of `blocks` × `width` columns. An optimizer treats each block of a row as a row of its own. */
export interface Table {
  readonly name: string
  readonly of: 'users' | 'items'
  /** Rows before that of user or item 0: 1 where the virtual start item is row 0. */
  readonly shift: number
  readonly blocks: number
  readonly width: number
  readonly columns: number
  readonly noise: number
  readonly optimizer: RowOptimizer
  /** Rows may have missed updates: they are caught up before they are read (adam-catch-up.ts). */
  readonly isAdam: boolean
  /** Rows that exist, shift included, and rows there is room for. */
  rows: number
  capacity: number
  /** Offsets of row 0: its values (rows × columns), */
  values: number
  /** adagrad: its accumulators (rows × blocks); adam: its moments, of each block the first and then the second. */
  state: number
  /** adam: the update a block was last brought up to (rows × blocks of int32). */
  last: number
}

/** A named piece of the dense weights. */
export interface DensePiece {
  readonly name: string
  readonly offset: number
  readonly rows: number
  readonly columns: number
  readonly start: 'glorot' | 'zero'
}

export interface Layout {
  readonly spec: NetworkSpec
  readonly shape: Shape
  /** Number of updates so far, one int32. */
  readonly steps: number
  readonly dense: {
    readonly pieces: readonly DensePiece[]
    readonly offset: number
    readonly length: number
    /** Adam's moments of all dense weights; equal to offset when there are none. */
    readonly first: number
    readonly second: number
  }
  /** Offsets of the weights and biases of layer l, and of the output layer. */
  readonly layerWeights: readonly number[]
  readonly layerBiases: readonly number[]
  readonly outputWeights: number
  readonly outputBias: number
  /** Two rows of scratch for a look at a row that has missed updates. */
  readonly scratch: number
  readonly scratchColumns: number
  /** Where the tables begin. */
  readonly tablesFrom: number
  readonly tables: readonly Table[]
  readonly sourceN: Table | undefined
  readonly itemsN: Table | undefined
  readonly sourceD: Table | undefined
  readonly itemsD: Table | undefined
  readonly itemBias: Table | undefined
}

/** Offsets are multiples of four floats, so that lanes of a row can be loaded together. */
export function aligned(offset: number): number {
  return Math.ceil(offset / 4) * 4
}

/** Tables begin with a line of cache: a row that is as wide as one lies in one. */
function lineAligned(offset: number): number {
  return Math.ceil(offset / 16) * 16
}

export function layoutOf(spec: NetworkSpec): Layout {
  const shape = shapeOf(spec)
  const f = shape.factors
  const pieces = densePieces(shape)
  const length = pieces.reduce((sum, piece) => sum + piece.rows * piece.columns, 0)
  const offset = 4
  const adam = spec.dense.kind === 'adam'
  const first = adam ? aligned(offset + length) : offset
  const second = adam ? aligned(first + length) : offset
  const scratch = aligned(second + length)
  const source = (half: string, width: number) => {
    const users = spec.users === 'rows'
    const name = `${half}.${users ? 'user' : 'context'}`
    const of = users ? 'users' : 'items'
    return table(spec, name, of, shape.blocks, width, spec.startItem ? 1 : 0)
  }
  const sourceN = shape.hasN ? source('nbpr', f) : undefined
  const itemsN = shape.hasN ? table(spec, 'nbpr.item', 'items', shape.blocks, f, 0) : undefined
  const sourceD = shape.hasD ? source('dncr', shape.widthD) : undefined
  const itemsD = shape.hasD ? table(spec, 'dncr.item', 'items', 1, shape.widthD, 0) : undefined
  const itemBias = spec.itemBias ? table(spec, 'item.bias', 'items', 1, 1, 0) : undefined
  const tables = [sourceN, itemsN, sourceD, itemsD, itemBias].filter((t) => t !== undefined)
  const scratchColumns = aligned(Math.max(...tables.map((t) => t.columns)))
  const at = (name: string) => pieces.find((piece) => piece.name === name)?.offset ?? 0
  return {
    spec,
    shape,
    steps: 0,
    dense: { pieces, offset, length, first, second },
    layerWeights: shape.layers.map((_, l) => at(`tower.${l + 1}.weight`)),
    layerBiases: shape.layers.map((_, l) => at(`tower.${l + 1}.bias`)),
    outputWeights: at('output.weight'),
    outputBias: at('output.bias'),
    scratch,
    scratchColumns,
    tablesFrom: lineAligned(scratch + 2 * scratchColumns),
    tables,
    sourceN,
    itemsN,
    sourceD,
    itemsD,
    itemBias,
  }
}

function densePieces(shape: Shape): DensePiece[] {
  const pieces: DensePiece[] = []
  let offset = 4
  const add = (name: string, rows: number, columns: number, start: 'glorot' | 'zero') => {
    pieces.push({ name, offset, rows, columns, start })
    offset += rows * columns
  }
  shape.layers.forEach(({ inputs, outputs, linear }, l) => {
    add(`tower.${l + 1}.weight`, outputs, inputs, linear ? 'zero' : 'glorot')
    add(`tower.${l + 1}.bias`, 1, outputs, 'zero')
  })
  if (shape.outputs > 0) {
    add('output.weight', 1, shape.outputs, 'glorot')
    add('output.bias', 1, 1, 'zero')
  }
  return pieces
}

function table(
  spec: NetworkSpec,
  name: string,
  of: 'users' | 'items',
  blocks: number,
  width: number,
  shift: number,
): Table {
  const isBias = name === 'item.bias'
  const optimizer = isBias ? spec.bias : spec.rows
  return {
    name,
    of,
    shift,
    blocks,
    width,
    columns: blocks * width,
    noise: isBias ? 0 : spec.noise,
    optimizer,
    isAdam: optimizer.kind === 'adam',
    rows: 0,
    capacity: 0,
    values: 0,
    state: 0,
    last: 0,
  }
}

/** Sets a table's offsets for a capacity of rows, from `offset` on; returns the first float after it. */
export function place(table: Table, offset: number, capacity: number): number {
  const { kind } = table.optimizer
  table.capacity = capacity
  table.values = offset
  let next = lineAligned(offset + capacity * table.columns)
  table.state = next
  if (kind === 'adagrad') next = lineAligned(next + capacity * table.blocks)
  if (kind === 'adam') next = lineAligned(next + 2 * capacity * table.columns)
  table.last = next
  if (kind === 'adam') next = lineAligned(next + capacity * table.blocks)
  return next
}
