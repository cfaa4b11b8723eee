// The runs of an arena that nobody has, by their size: the one that was given back last is used first. Which of them
// are free is told by the owners of the arena's chunks, so that two neighbours can become one.

/** Slots of a chunk, which is the least that a run takes. */
export const chunkSlots = 4
/** As the owner of a chunk: nobody. Lower numbers say so too, and the place of a free run that begins there. */
export const nobody = -1

export class FreeRuns {
  /** lists[k]: where free runs of chunkSlots · 2^k slots start. */
  private readonly lists: number[][] = []

  /**
   * `owner`: by chunk, here and below; those of the run become nobody. `isJoined`: as one with the run beside it where
   * that is free, too, and the two begin at a multiple of their size; and so on.
   */
  put(from: number, slots: number, owner: Int32Array, isJoined: boolean): void {
    owner.fill(nobody, from / chunkSlots, (from + slots) / chunkSlots)
    let [start, size] = [from, slots]
    while (isJoined && start % size === 0) {
      const beside = start % (2 * size) === 0 ? start + size : start - size
      if (!this.remove(beside, size, owner)) break
      start = Math.min(start, beside)
      size *= 2
    }
    this.add(start, size, owner)
  }

  /**
   * Where a run of so many slots starts, which is free no longer; undefined: there is none. `isJoined`: or a part of
   * the smallest that has more, of which the rest stays free.
   */
  take(slots: number, owner: Int32Array, isJoined: boolean): number | undefined {
    const sizes = isJoined ? this.lists.length : sizeClass(slots) + 1
    for (let whole = slots; sizeClass(whole) < sizes; whole *= 2) {
      const start = this.lists[sizeClass(whole)]?.pop()
      if (start === undefined) continue
      for (let half = whole / 2; half >= slots; half /= 2) this.add(start + half, half, owner)
      return start
    }
    return undefined
  }

  private add(start: number, slots: number, owner: Int32Array): void {
    const list = (this.lists[sizeClass(slots)] ??= [])
    owner[start / chunkSlots] = nobody - 1 - list.length
    list.push(start)
  }

  /** False: no run of this size that starts there is free. */
  private remove(start: number, slots: number, owner: Int32Array): boolean {
    const list = this.lists[sizeClass(slots)]
    const place = nobody - 1 - (owner[start / chunkSlots] ?? nobody)
    if (list === undefined || place < 0 || list[place] !== start) return false
    const last = list.pop()!
    if (last === start) return true
    list[place] = last
    owner[last / chunkSlots] = nobody - 1 - place
    return true
  }

  /** Size and start of each, in an order from which restore() makes the same lists. */
  saved(): Int32Array {
    const saved = new Int32Array(2 * this.lists.reduce((sum, starts) => sum + starts.length, 0))
    let at = 0
    this.lists.forEach((starts, size) => {
      for (const start of starts) {
        saved[at++] = size
        saved[at++] = start
      }
    })
    return saved
  }

  /** What saved() gave; the owners are nobody already. */
  restore(saved: ArrayLike<number>, owner: Int32Array): void {
    for (let k = 0; k + 1 < saved.length; k += 2) {
      this.add(saved[k + 1]!, chunkSlots * 2 ** saved[k]!, owner)
    }
  }
}

function sizeClass(slots: number): number {
  return Math.log2(slots / chunkSlots)
}
