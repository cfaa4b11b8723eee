// Follows a state by its changed rows alone, as checkpoints do: what it holds must be what a copy of everything holds.

import type { Tensor, TensorData } from '../../src/ports/checkpoint-store.ts'
import { type LiveState, widthOf } from '../../src/ports/live-state.ts'
import { copyOf } from '../../src/trainer/checkpoint/whole-state.ts'

export interface Follower {
  /** Everything as it is now, made of what was there before and the rows that are said to have changed. */
  next(): Map<string, Tensor>
  /** Numbers that the last call of next() has read from live tensors. */
  readonly read: number
}

export function createFollower(state: LiveState): Follower {
  let known = copyOf(state)
  let read = 0
  for (const { changed, rows } of state.live) changed.clear(rows)
  return {
    next() {
      read = 0
      const now = new Map(state.rest())
      for (const { changed, rows, columns } of state.live) {
        for (const [name, column] of columns()) {
          const width = widthOf(column.rowShape)
          const data = sameKind(column.read(0, 0), rows * width)
          const old = known.get(name)?.data
          data.set((old?.subarray(0, data.length) ?? []) as never)
          now.set(name, { shape: [rows, ...column.rowShape], data })
        }
        let from = 0
        for (let run = changed.take(0, rows, 7); run; run = changed.take(from, rows, 7)) {
          for (const [name, column] of columns()) {
            const piece = column.read(run.from, run.to)
            now.get(name)!.data.set(piece as never, run.from * widthOf(column.rowShape))
            read += piece.length
          }
          from = run.to
        }
      }
      known = now
      return new Map([...copyOf(state).keys()].map((name) => [name, now.get(name)!]))
    },
    get read() {
      return read
    },
  }
}

function sameKind(one: TensorData, length: number): TensorData {
  return new (one.constructor as new (length: number) => TensorData)(length)
}
