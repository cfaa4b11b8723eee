// The states of items as a checkpoint keeps them: four numbers an item, its id, 1 where it is available, and the times
// from and until which it is, in ms since the epoch, NaN for none.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { Kept } from './item-state.ts'

export interface SavedState extends Kept {
  readonly id: number
}

const width = 4
const tensor = 'items.states'

/** `unlisted`: ids that may not be listed, where they are not told of by one of the states. */
export function saved(
  kept: readonly (readonly [name: string, state: Kept])[],
  unlisted: Int32Array,
  idOf: (name: string) => number | undefined,
): Map<string, Tensor> {
  const states = new Map<number, Kept>()
  for (const [name, state] of kept) {
    const id = idOf(name)
    if (id !== undefined) states.set(id, state)
  }
  for (const id of unlisted) if (!states.has(id)) states.set(id, { available: false })
  const rows = [...states].map(
    ([id, { available, from = Number.NaN, until = Number.NaN }]) =>
      [id, available ? 1 : 0, from, until] as const,
  )
  const data = Float64Array.from(rows.flat())
  return new Map([[tensor, { shape: [rows.length, width], data }]])
}

export function* statesIn(tensors: ReadonlyMap<string, Tensor>): Generator<SavedState> {
  const data = tensors.get(tensor)?.data ?? new Float64Array(0)
  for (let at = 0; at + width <= data.length; at += width) {
    const [id, isAvailable, from, until] = data.subarray(at, at + width) as Float64Array
    yield {
      ...{ id: id!, available: isAvailable === 1 },
      ...(Number.isNaN(from) ? {} : { from: from! }),
      ...(Number.isNaN(until) ? {} : { until: until! }),
    }
  }
}
