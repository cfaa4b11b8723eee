// A live state read whole, at once: for small ones, and for tests.

import type { Tensor, TensorData } from '../../ports/checkpoint-store.ts'
import type { LiveState } from '../../ports/live-state.ts'

/** Everything at once, as copies. */
export function copyOf(state: LiveState): Map<string, Tensor> {
  const copies = new Map<string, Tensor>()
  for (const [name, { shape, data }] of viewOf({ ...state, rest: () => new Map() }))
    copies.set(name, { shape, data: data.slice() as TensorData })
  return new Map([...copies, ...state.rest()])
}

/** Everything at once, valid until the state changes. */
export function viewOf({ live, rest }: LiveState): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>()
  for (const { rows, columns } of live) {
    for (const [name, { rowShape, read }] of columns()) {
      tensors.set(name, { shape: [rows, ...rowShape], data: read(0, rows) })
    }
  }
  return new Map([...tensors, ...rest()])
}
