// Where the parameters of a network lie for learning from windows: one run of floats, pieces by the names they
// have in the network's own tensors. No optimizer state is here: that of windows is not that of the worker.

import { Failure } from '../../errors.ts'
import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { NetworkSpec } from '../../ports/engine.ts'
import { checkSpec, type Shape, shapeOf } from '../network/spec.ts'

export interface Piece {
  readonly name: string
  readonly offset: number
  readonly rows: number
  readonly columns: number
}

export interface SequenceLayout {
  readonly spec: NetworkSpec
  readonly shape: Shape
  readonly items: number
  /** Row of item 0 in the context tables. */
  readonly shift: number
  /** Columns of NBPR's and DNCR's contexts, all blocks; 0 where the network has no such half. */
  readonly columnsN: number
  readonly columnsD: number
  readonly length: number
  readonly pieces: readonly Piece[]
  readonly contextN: Piece | undefined
  readonly itemsN: Piece | undefined
  readonly contextD: Piece | undefined
  readonly itemsD: Piece | undefined
  readonly bias: Piece | undefined
  readonly layers: readonly { readonly weight: Piece; readonly bias: Piece }[]
}

/** Throws SETTINGS_INVALID for networks that cannot learn from windows. */
export function sequenceLayout(spec: NetworkSpec, items: number): SequenceLayout {
  checkSpec(spec)
  const shape = shapeOf(spec)
  if (spec.users !== 'history' || spec.output !== 'ones' || shape.joint) {
    const text = `the network ${spec.name}: windows need users: history, output: ones, no joint tower`
    throw new Failure('SETTINGS_INVALID', text)
  }
  const { blocks, hasN, hasD, factors, widthD } = shape
  const shift = spec.startItem ? 1 : 0
  const columnsN = hasN ? blocks * factors : 0
  const columnsD = hasD ? blocks * widthD : 0
  const pieces: Piece[] = []
  let offset = 0
  const add = (name: string, rows: number, columns: number): Piece => {
    const piece = { name: `${spec.name}/${name}`, offset, rows, columns }
    pieces.push(piece)
    offset = (offset + rows * columns + 3) & ~3
    return piece
  }
  const layers = shape.layers.map(({ inputs, outputs }, l) => ({
    weight: add(`tower.${l + 1}.weight`, outputs, inputs),
    bias: add(`tower.${l + 1}.bias`, 1, outputs),
  }))
  const contextN = hasN ? add('nbpr.context', shift + items, columnsN) : undefined
  const itemsN = hasN ? add('nbpr.item', items, columnsN) : undefined
  const contextD = hasD ? add('dncr.context', shift + items, columnsD) : undefined
  const itemsD = hasD ? add('dncr.item', items, widthD) : undefined
  const bias = spec.itemBias ? add('item.bias', items, 1) : undefined
  const tables = { contextN, itemsN, contextD, itemsD, bias }
  return {
    spec,
    shape,
    items,
    shift,
    columnsN,
    columnsD,
    length: offset,
    pieces,
    ...tables,
    layers,
  }
}

/** Views of the pieces in `floats`, from `from` on. */
export function sequenceTensors(
  layout: SequenceLayout,
  floats: Float32Array,
  from = 0,
): Map<string, Tensor> {
  return new Map(
    layout.pieces.map(({ name, offset, rows, columns }) => {
      const data = floats.subarray(from + offset, from + offset + rows * columns)
      return [name, { shape: [rows, columns], data }]
    }),
  )
}
