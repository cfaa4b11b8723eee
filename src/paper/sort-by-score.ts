// Sorts items by their scores, ascending, equal scores by item id: as whole numbers of 64 bits, because the native sort
// of these is the fastest there is.

/** Where the low half of a 64-bit number stands. */
const low = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1

/** The function sorts the first `count` items; the scores stay where they are. */
export function createScoreSort(): (
  items: Int32Array,
  scores: Float32Array,
  count: number,
) => void {
  let keys = new BigUint64Array(0)

  return (items, scores, count) => {
    if (keys.length < count) keys = new BigUint64Array(items.length)
    const halves = new Uint32Array(keys.buffer)
    const bits = new Uint32Array(scores.buffer)
    for (let x = 0; x < count; x++) {
      // The bits of a float made ascending above, the item id below.
      const sign = bits[x]! >>> 31
      halves[2 * x + low] = items[x]!
      halves[2 * x + 1 - low] = sign === 1 ? ~bits[x]! : bits[x]! | 0x80000000
    }
    keys.subarray(0, count).sort()
    for (let x = 0; x < count; x++) items[x] = halves[2 * x + low]!
  }
}
