// One item a user has that nothing may learn from or rely on: owned, so never listed or drawn as a negative, but not
// part of the run. Few users have one, so draws look through all of them, and only where a user's bits say «maybe» and
// the run says no.

import type { Tensor } from '../ports/checkpoint-store.ts'
import type { IntMemory } from '../ports/draws.ts'
import type { LiveState } from '../ports/live-state.ts'
import { enlarged } from './int-arrays.ts'

export interface Withheld {
  readonly item: number
  readonly time: number
}

export class WithheldItems {
  /** [user, item] of entries 0 … size-1, flat, in no order. */
  pairs: Int32Array
  private readonly byUser = new Map<number, Withheld>()
  private readonly memory: IntMemory

  constructor(memory: IntMemory) {
    this.memory = memory
    this.pairs = memory.take(16)
  }

  get size(): number {
    return this.byUser.size
  }

  has(user: number): boolean {
    return this.byUser.has(user)
  }

  get(user: number): Withheld | undefined {
    return this.byUser.get(user)
  }

  /** In place of what the user had here. */
  set(user: number, item: number, time: number): void {
    this.delete(user)
    const at = 2 * this.size
    if (at === this.pairs.length) this.pairs = enlarged(this.memory, this.pairs, 2 * at)
    this.pairs[at] = user
    this.pairs[at + 1] = item
    this.byUser.set(user, { item, time })
  }

  delete(user: number): void {
    if (!this.byUser.delete(user)) return
    const last = 2 * this.size
    for (let at = 0; at < last; at += 2) {
      if (this.pairs[at] === user) this.pairs.copyWithin(at, last, last + 2)
    }
  }

  state(): LiveState {
    const rows = () => [...this.byUser].flatMap(([user, { item, time }]) => [user, item, time])
    const rest = () =>
      new Map([['withheld', { shape: [this.size, 3], data: Float64Array.from(rows()) }]])
    return { live: [], rest }
  }
}

/** What state() gave, as [user, item, time]. */
export function* readWithheld(saved: Tensor | undefined): Generator<[number, number, number]> {
  const data = saved?.data ?? []
  for (let k = 0; k + 2 < data.length; k += 3) yield [data[k]!, data[k + 1]!, data[k + 2]!]
}
