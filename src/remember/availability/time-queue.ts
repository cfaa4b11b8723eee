// When items change their side by themselves, the earliest first.

import { nextTime } from './item-state.ts'
import type { KeptStates } from './kept-states.ts'

interface TimeQueue {
  readonly size: number
  push(at: number, name: string): void
  /** Takes out the earliest name whose time has come. */
  due(nowMs: number): string | undefined
}

/** Outdated times are removed from the queue when they are more than this and more than half of it. */
const outdatedMax = 1_024

export interface Changes {
  /** The next change of the item is awaited from now on, if there is one. */
  await(name: string, nowMs: number): void
  /** Takes out the earliest name whose time has come; some are outdated. */
  due(nowMs: number): string | undefined
}

export function createChanges(states: Pick<KeptStates, 'get' | 'entries' | 'size'>): Changes {
  let times = createTimeQueue()
  return {
    await(name, nowMs) {
      const state = states.get(name)
      const at = state && nextTime(state, nowMs)
      if (at === undefined) return
      times.push(at, name)
      if (times.size <= 2 * states.size + outdatedMax) return
      times = createTimeQueue()
      for (const [other, kept] of states.entries()) {
        const then = nextTime(kept, nowMs)
        if (then !== undefined) times.push(then, other)
      }
    },
    due: (nowMs) => times.due(nowMs),
  }
}

/** A binary heap. */
function createTimeQueue(): TimeQueue {
  const heap: { readonly at: number; readonly name: string }[] = []

  function sink(): void {
    const moved = heap[0]!
    let parent = 0
    for (;;) {
      let child = 2 * parent + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++
      if (heap[child]!.at >= moved.at) break
      heap[parent] = heap[child]!
      parent = child
    }
    heap[parent] = moved
  }

  return {
    get size() {
      return heap.length
    },
    push(at, name) {
      let child = heap.length
      heap.push({ at, name })
      const moved = heap[child]!
      while (child > 0) {
        const parent = (child - 1) >> 1
        if (heap[parent]!.at <= at) break
        heap[child] = heap[parent]!
        child = parent
      }
      heap[child] = moved
    },
    due(nowMs) {
      const first = heap[0]
      if (first === undefined || first.at > nowMs) return undefined
      const last = heap.pop()!
      if (heap.length > 0) {
        heap[0] = last
        sink()
      }
      return first.name
    },
  }
}
