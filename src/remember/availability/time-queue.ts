// Names by the time at which something happens to them, the earliest first.

export interface TimeQueue {
  readonly size: number
  push(at: number, name: string): void
  /** Takes out the earliest name whose time has come. */
  due(nowMs: number): string | undefined
}

/** A binary heap. */
export function createTimeQueue(): TimeQueue {
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
