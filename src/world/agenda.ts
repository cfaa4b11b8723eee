// Who acts next: a binary heap with one time per person. Of equal times the lower number comes first.

export interface Agenda {
  first(): number
  firstTime(): number
  /** Gives the first person a later time. */
  postpone(time: number): void
}

export function createAgenda(starts: Float64Array): Agenda {
  const time = Float64Array.from(starts)
  const heap = Int32Array.from(starts.keys())
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(at)

  function before(one: number, other: number): boolean {
    const gap = time[one]! - time[other]!
    return gap < 0 || (gap === 0 && one < other)
  }

  function sink(from: number): void {
    let at = from
    const moving = heap[at]!
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, moving)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = moving
  }

  return {
    first: () => heap[0]!,
    firstTime: () => time[heap[0]!]!,
    postpone(later) {
      time[heap[0]!] = later
      sink(0)
    },
  }
}
