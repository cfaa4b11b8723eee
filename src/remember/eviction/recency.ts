// Which ids have been idle for longest: in memory as a list in order of last use, and for checkpoints as the number of
// each id's last event, with the event since which an id stands for whom it does.

import { longer } from '../../arrays.ts'
import type { Tensor } from '../../ports/checkpoint-store.ts'
import { ChangedRows, type LiveState, liveState, vectors } from '../../ports/live-state.ts'

const none = -1

export class Recency {
  private newer: Int32Array = new Int32Array(256)
  private older: Int32Array = new Int32Array(256)
  /** Which use of all was the last one of the number; 0: only stored. */
  private stamps: Float64Array = new Float64Array(256)
  private uses = 0
  private newest = none
  private oldest = none
  /** The newest of those that were only stored, which all lie before those that were used. */
  private stored = none

  /** Uses so far: stampOf() of whatever is used from now on is larger. */
  get used(): number {
    return this.uses
  }

  /** The number that was not used for longest, -1 where there is none. */
  get longestIdle(): number {
    return this.oldest
  }

  stampOf(id: number): number {
    return this.stamps[id]!
  }

  /** Adds a number as used just now. */
  add(id: number): void {
    this.grow(id + 1)
    this.link(id, this.newest)
    this.stamps[id] = ++this.uses
  }

  /** Adds a number that was never used: those that were used are newer, those that were stored before are older. */
  addStored(id: number): void {
    this.grow(id + 1)
    this.link(id, this.stored)
    this.stamps[id] = 0
    this.stored = id
  }

  use(id: number): void {
    if (id === this.newest) {
      this.stamps[id] = ++this.uses
      if (this.stored === id) this.stored = this.older[id]!
      return
    }
    this.remove(id)
    this.add(id)
  }

  remove(id: number): void {
    const older = this.older[id]!
    const newer = this.newer[id]!
    if (older === none) this.oldest = newer
    else this.newer[older] = newer
    if (newer === none) this.newest = older
    else this.older[newer] = older
    if (this.stored === id) this.stored = older
  }

  /** Puts the number after `before`, or first where that is -1. */
  private link(id: number, before: number): void {
    const after = before === none ? this.oldest : this.newer[before]!
    this.older[id] = before
    this.newer[id] = after
    if (before === none) this.oldest = id
    else this.newer[before] = id
    if (after === none) this.newest = id
    else this.older[after] = id
  }

  private grow(size: number): void {
    if (size <= this.stamps.length) return
    const length = Math.max(size, 2 * this.stamps.length)
    this.newer = longer(this.newer, length)
    this.older = longer(this.older, length)
    this.stamps = longer(this.stamps, length)
  }
}

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
  let seen: Float64Array = new Float64Array(256)
  let begun: Int32Array = new Int32Array(256)
  const changed = new ChangedRows(2)

  function reach(size: number): void {
    if (size <= seen.length) return
    const length = Math.max(size, 2 * seen.length)
    seen = longer(seen, length)
    begun = longer(begun, length)
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

/** Numbers 0 … count-1, the one that was not used for longest first. */
export function inOrderOfUse(count: number, seen: ArrayLike<number>): Iterable<number> {
  const at = (id: number): number => seen[id] ?? 0
  const ids = Int32Array.from({ length: count }, (_, id) => id)
  const isSorted = ids.every((id) => id === 0 || at(id - 1) <= at(id))
  if (isSorted) return ids
  // Numbers sort many times faster than by a comparison, and both fit into one while few events were seen.
  if (ids.some((id) => (at(id) + 1) * count > Number.MAX_SAFE_INTEGER)) {
    return ids.sort((a, b) => at(a) - at(b) || a - b)
  }
  const keys = Float64Array.from(ids, (id) => at(id) * count + id).sort()
  return ids.map((_, k) => keys[k]! % count)
}
