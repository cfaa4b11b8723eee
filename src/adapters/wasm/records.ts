// Writes what the kernel knows of a network: records of tables, history blocks and layers, and the dense weights.
// Shapes of the records: src/kernel/memory.ts.

import type { Layout, Table } from '../../learn/network/layout.ts'
import type { HistoryBlock } from '../../ports/engine.ts'
import type { Kernel } from './kernel.ts'
import { PAGE } from './module.ts'

/** Fixed places of page 0. */
export const tableRecords = {
  sourceN: 64,
  itemsN: 128,
  sourceD: 192,
  itemsD: 256,
  itemBias: 320,
} as const

/** Bytes of the kernel's Block and Layer. */
export const blockBytes = 24
export const layerBytes = 36

const kinds = { sgd: 0, adagrad: 1, adam: 2 } as const
const blockKinds = { long: 0, short: 1, time: 2 } as const

export function placeLayers(
  kernel: Kernel,
  layout: Layout,
  records: number,
  places: readonly (readonly number[])[],
): void {
  layout.shape.layers.forEach(({ inputs, outputs, linear }, l) => {
    const at = (records + layerBytes * l) / 4
    const [out = 0, delta = 0] = places[l]!
    const weights = PAGE + 4 * layout.layerWeights[l]!
    const biases = PAGE + 4 * layout.layerBiases[l]!
    kernel.ints.set([weights, biases, inputs, outputs, linear ? 1 : 0, out, delta], at)
  })
}

export function placeDense(kernel: Kernel, layout: Layout): void {
  const { spec, shape } = layout
  const { offset, length, first, second } = layout.dense
  const { kind, rate, l2 } = spec.dense
  kernel.set('layerCount', shape.layers.length)
  kernel.set('learned', shape.outputs > 0 ? 1 : 0)
  kernel.set('outputWeights', PAGE + 4 * layout.outputWeights)
  kernel.set('outputBias', PAGE + 4 * layout.outputBias)
  kernel.set('dense', PAGE + 4 * offset)
  kernel.set('denseCount', length)
  kernel.set('toFirst', 4 * (first - offset))
  kernel.set('toSecond', 4 * (second - offset))
  kernel.set('denseKind', rate > 0 && length > 0 ? kinds[kind] : -1)
  kernel.set('denseRate', rate)
  kernel.set('denseL2', l2)
}

/** All but where gradients are summed, which every batch sets (sums.ts). */
export function placeTable(kernel: Kernel, at: number, table: Table | undefined): void {
  const { ints, floats } = kernel
  const i = at / 4
  ints[i + 6] = -1
  if (table === undefined) return
  ;[table.values, table.state, table.last].forEach((offset, n) => {
    ints[i + n] = PAGE + 4 * offset
  })
  ints[i + 3] = table.columns
  ints[i + 4] = table.width
  ints[i + 5] = table.blocks
  ints[i + 6] = kinds[table.optimizer.kind]
  floats[i + 7] = table.optimizer.rate
  floats[i + 8] = table.optimizer.l2
}

/** The weights of long and short lists depend on their length alone: they are looked up. */
export function placeBlock(
  kernel: Kernel,
  block: HistoryBlock,
  at: number,
  scales: number,
  decays: number,
): void {
  const { ints, floats } = kernel
  ints[at / 4] = blockKinds[block.kind]
  ints[at / 4 + 1] = block.length
  ints[at / 4 + 2] = scales
  ints[at / 4 + 3] = decays
  floats[at / 4 + 4] = block.kind === 'time' ? 1 / block.seconds : 0
  floats[at / 4 + 5] = block.power
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
