// Moves in half of the bytes: the upper half of a float (bfloat16), which has its range and eight significant bits.
// What is rounded off is not lost: it stays with the author as if it had been learned just now.

const words = new Uint32Array(1)
const floats = new Float32Array(words.buffer)

/** To the nearest, ties to even. */
export function roundAll(values: Float32Array): void {
  for (let k = 0; k < values.length; k++) {
    floats[0] = values[k]!
    words[0] = (words[0]! + 0x7fff + ((words[0]! >>> 16) & 1)) & 0xffff_0000
    values[k] = floats[0]!
  }
}
