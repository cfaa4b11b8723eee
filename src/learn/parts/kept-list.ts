// Whether a list of items is the one that was asked about last.

/** A copy of a list, in an array that the next copy is written to, too. */
export function createList() {
  let kept = new Int32Array(128)
  let count = -1
  return {
    is(list: Int32Array): boolean {
      if (count !== list.length) return false
      const own = kept
      for (let k = 0; k < count; k++) if (own[k] !== list[k]) return false
      return true
    },
    become(list: Int32Array): void {
      if (kept.length < list.length) kept = new Int32Array(2 * list.length)
      kept.set(list)
      count = list.length
    },
  }
}
