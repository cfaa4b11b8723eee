// Philox-2x32 with ten rounds (Salmon, Moraes, Dror and Shaw: «Parallel random numbers: as easy as 1, 2, 3», 2011): the
// words of block n are a function of a key and n, so that draws can be made in any order, or many at once.

const multiplier = 0xd256_d193
const weyl = 0x9e37_79b9
const rounds = 10

/** out[0], out[1] = the two words of block `n`; `nonce` is the counter's upper half. */
export function philox(key: number, nonce: number, n: number, out: Uint32Array): void {
  let left = n >>> 0
  let right = nonce >>> 0
  let k = key >>> 0
  for (let round = 0; round < rounds; round++) {
    const high = upperHalf(left, multiplier)
    const low = Math.imul(left, multiplier)
    left = (high ^ k ^ right) >>> 0
    right = low >>> 0
    k = (k + weyl) >>> 0
  }
  out[0] = left
  out[1] = right
}

/** ⌊a·b / 2³²⌋ of two 32-bit numbers, exactly: their product has more bits than a double. */
export function upperHalf(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16]
  const middle = a1 * b0 + ((a0 * b0) >>> 16)
  const carried = ((middle & 0xffff) + a0 * b1) >>> 0
  return a1 * b1 + (middle >>> 16) + (carried >>> 16)
}
