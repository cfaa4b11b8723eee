// A network's state in pieces whose numbers are of one size, so that an error can be taken by the largest of them:
// moments are gradients and their squares, and the two stand in one tensor (learn/network/layout.ts).

import { layoutOf } from '../../src/learn/network/layout.ts'
import type { Network } from '../../src/ports/engine.ts'

const end = '.moments'

/** By name: tensors as they are, and moments as `first` and `second`, each (rows, columns). */
export function piecesOf(network: Network): Map<string, ArrayLike<number>> {
  const { spec } = network
  const { tables } = layoutOf(spec)
  const pieces = new Map<string, ArrayLike<number>>()
  for (const [name, { data }] of network.tensors()) {
    if (!name.endsWith(end)) {
      pieces.set(name, data)
      continue
    }
    const whole = name.slice(0, -end.length)
    const { width } = tables.find((table) => `${spec.name}/${table.name}` === whole)!
    const isFirst = (_: number, at: number) => at % (2 * width) < width
    pieces.set(`${whole}.first`, Array.from(data).filter(isFirst))
    pieces.set(
      `${whole}.second`,
      Array.from(data).filter((_, at) => !isFirst(_, at)),
    )
  }
  return pieces
}
