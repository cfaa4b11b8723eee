// Writes what the kernel knows about a network: records of its tables, history blocks and layers
// (src/kernel/records.ts), and the globals of its dense weights.

import { PAGE } from '../../../arrays.ts'
import { itemBiasAt, itemsDAt, itemsNAt, sourceDAt, sourceNAt } from '../../../kernel/constants.ts'
import type { Layout, Table } from '../../../learn/network/layout.ts'
import type { HistoryBlock } from '../../../ports/engine.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** The addresses of the tables' records, by the tables' names in the layout. */
export const tableRecords = {
  sourceN: sourceNAt,
  itemsN: itemsNAt,
  sourceD: sourceDAt,
  itemsD: itemsDAt,
  itemBias: itemBiasAt,
} as const

const kinds = { sgd: 0, adagrad: 1, adam: 2 } as const
const blockKinds = { long: 0, short: 1, time: 2 } as const
const noTable = -1
const frozen = -1

/** `outputs`: for each layer the addresses of its outputs and of the gradient by them. */
export function writeLayers(
  kernel: Kernel,
  layout: Layout,
  records: number,
  outputs: readonly (readonly number[])[],
): void {
  layout.shape.layers.forEach((layer, l) => {
    const at = records + kernel.layerBytes() * l
    const [out = 0, delta = 0] = outputs[l]!
    const weights = PAGE + 4 * layout.layerWeights[l]!
    const biases = PAGE + 4 * layout.layerBiases[l]!
    const linear = layer.linear ? 1 : 0
    kernel.writeLayer(at, weights, biases, layer.inputs, layer.outputs, linear, out, delta)
  })
}

export function setDenseGlobals(kernel: Kernel, layout: Layout): void {
  const { spec, shape } = layout
  const { offset, length, first, second } = layout.dense
  const { kind, rate, l2 } = spec.dense
  kernel.set('layerCount', shape.layers.length)
  kernel.set('hasOutputWeights', shape.outputs > 0 ? 1 : 0)
  kernel.set('outputWeights', PAGE + 4 * layout.outputWeights)
  kernel.set('outputBias', PAGE + 4 * layout.outputBias)
  kernel.set('dense', PAGE + 4 * offset)
  kernel.set('denseCount', length)
  kernel.set('toFirstMoments', 4 * (first - offset))
  kernel.set('toSecondMoments', 4 * (second - offset))
  kernel.set('denseKind', rate > 0 && length > 0 ? kinds[kind] : frozen)
  kernel.set('denseRate', rate)
  kernel.set('denseL2', l2)
}

/** Everything but where gradients are summed, which every batch sets (gradient-memory.ts). */
export function writeTable(kernel: Kernel, at: number, table: Table | undefined): void {
  if (table === undefined) {
    kernel.writeTable(at, noTable, 0, 0, 0, 0, 0, 0, 0, 0)
    return
  }
  const { columns, width, blocks, optimizer } = table
  const [values, state, last] = [table.values, table.state, table.last].map((n) => PAGE + 4 * n)
  const { kind, rate, l2 } = optimizer
  kernel.writeTable(at, kinds[kind], values!, state!, last!, columns, width, blocks, rate, l2)
}

/** The weights of `long` and `short` lists depend on their length alone, so they are looked up in two arrays. */
export function writeBlock(
  kernel: Kernel,
  block: HistoryBlock,
  at: number,
  scales: number,
  decays: number,
): void {
  const { floats } = kernel
  const perSecond = block.kind === 'time' ? 1 / block.seconds : 0
  const kind = blockKinds[block.kind]
  kernel.writeBlock(at, kind, block.length, scales, decays, perSecond, block.power)
  if (block.kind === 'time') return
  let mass = 0
  let weight = 1
  for (let n = 0; n <= block.length + 1; n++) {
    floats[scales / 4 + n] = n === 0 ? 0 : mass ** -block.power
    floats[decays / 4 + n] = weight
    mass += weight
    if (block.kind === 'short') weight *= block.decay
  }
}
