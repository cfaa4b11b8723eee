// Slots of two numbers each in one flat array, allocated in pieces of powers of two and reused when they are released.
// A slot is (partner, count) side by side; partner -1 marks an empty one.

import { ChangedRows, type LiveState, liveRows, vectors } from '../../ports/live-state.ts'

export const emptySlot = -1

export class SlotArena {
  /** Slot s stands at 2s and 2s + 1. Replaced when it grows. */
  words = emptySlots(4096)
  private used = 0
  private readonly free: number[][] = []
  /** Slots that were written to, here or by those who took them. */
  readonly changed = new ChangedRows(3)

  /** The first of `size` empty slots. */
  take(size: number): number {
    const reused = this.free[size]?.pop()
    if (reused !== undefined) return reused
    const from = this.used
    this.used += size
    if (2 * this.used > this.words.length) {
      const more = emptySlots(Math.max(this.used, this.words.length))
      more.set(this.words)
      this.words = more
    }
    return from
  }

  /** Empties the slots, too. */
  release(from: number, size: number): void {
    const { words } = this
    for (let at = 2 * from; at < 2 * (from + size); at += 2) {
      words[at] = emptySlot
      words[at + 1] = 0
    }
    this.changed.markRange(from, from + size)
    ;(this.free[size] ??= []).push(from)
  }

  /** All slots handed out so far, and (size, first slot) of the pieces that came back. */
  state(prefix: string): LiveState {
    const slots = () => [[`${prefix}.arena`, { shape: [this.used, 2], data: this.words }]] as const
    return {
      live: [liveRows(this.changed, () => this.used, slots)],
      rest: () => {
        const freed = this.free.flatMap((starts, size) =>
          (starts ?? []).flatMap((at) => [size, at]),
        )
        return vectors(prefix, { free: Int32Array.from(freed) })
      },
    }
  }

  /** Fills an empty arena with what state() gave. */
  restore(slots: ArrayLike<number>, freed: ArrayLike<number>): void {
    this.take(slots.length / 2)
    this.words.set(slots)
    for (let k = 0; k + 1 < freed.length; k += 2) (this.free[freed[k]!] ??= []).push(freed[k + 1]!)
  }
}

function emptySlots(slots: number): Int32Array<ArrayBuffer> {
  const words = new Int32Array(2 * slots)
  for (let at = 0; at < slots; at++) words[2 * at] = emptySlot
  return words
}

/** The least power of two that is not below n. */
export function powerOver(n: number): number {
  return 2 ** Math.ceil(Math.log2(n))
}

/** The array with `length` numbers, the new ones `empty`. */
export function moreOf(array: Int32Array, length: number, empty: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(length).fill(empty)
  more.set(array)
  return more
}
