// Which event was the last one of each id, for whoever must tell after a restart who has been idle for longest; and of
// ids that have come to stand for others, since which event they do.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import { ChangedRows, type LiveState, liveState, vectors } from '../../ports/live-state.ts'

export interface LastUses {
  /** Event number `event` (from 1 on) is one of the id. */
  use(id: number, event: number): void
  /** From event number `event` on the id stands for another. */
  begin(id: number, event: number): void
  /** Since which event the id stands for whom it does; 0: since it was first given. */
  begunAt(id: number): number
  /** Of ids 0 … size-1. */
  state(name: string, size: () => number): LiveState
  restore(name: string, tensors: ReadonlyMap<string, Tensor>): void
}

export function createLastUses(): LastUses {
  let seen = new Float64Array(256)
  let begun = new Int32Array(256)
  const changed = new ChangedRows(2)

  function reach(size: number): void {
    if (size <= seen.length) return
    const length = Math.max(size, 2 * seen.length)
    const [oldSeen, oldBegun] = [seen, begun]
    seen = new Float64Array(length)
    begun = new Int32Array(length)
    seen.set(oldSeen)
    begun.set(oldBegun)
  }

  return {
    use(id, event) {
      reach(id + 1)
      seen[id] = event
      changed.mark(id)
    },
    begin(id, event) {
      reach(id + 1)
      seen[id] = 0
      begun[id] = event
      changed.mark(id)
    },
    begunAt: (id) => begun[id] ?? 0,
    state: (name, size) =>
      liveState(changed, size, () => {
        reach(size())
        return vectors(name, { seen, begun })
      }),
    restore(name, tensors) {
      const saved = tensors.get(`${name}.seen`)?.data ?? []
      reach(saved.length)
      seen.set(saved)
      begun.set(tensors.get(`${name}.begun`)?.data ?? [])
      changed.markAll()
    },
  }
}
