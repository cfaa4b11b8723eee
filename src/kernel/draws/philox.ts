// Philox-2x32 with ten rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011),
// four blocks in lanes, and uniform numbers from its words (Lemire 2019: the upper half of word·n).

import { key, nonce } from './globals'

const MULTIPLIER: u32 = 0xd256d193
const WEYL: u32 = 0x9e3779b9
const ROUNDS = 10

/** The first words of blocks n … n+3 go to `first`, their second words to `second`. */
export function fourBlocks(n: u32, first: usize, second: usize): void {
  const m = i32x4.splat(MULTIPLIER)
  const weyl = i32x4.splat(WEYL)
  let left = i32x4.add(i32x4.splat(n), i32x4(0, 1, 2, 3))
  let right = i32x4.splat(nonce)
  let k = i32x4.splat(key)
  for (let round = 0; round < ROUNDS; round++) {
    const low = i64x2.extmul_low_i32x4_u(left, m)
    const high = i64x2.extmul_high_i32x4_u(left, m)
    left = v128.xor(v128.xor(v128.shuffle<i32>(low, high, 1, 3, 5, 7), k), right)
    right = v128.shuffle<i32>(low, high, 0, 2, 4, 6)
    k = i32x4.add(k, weyl)
  }
  v128.store(first, left)
  v128.store(second, right)
}

/** The first word of block n. */
export function firstWord(n: u32): u32 {
  let left = n
  let right = nonce
  let k = key
  for (let round = 0; round < ROUNDS; round++) {
    const product = u64(left) * u64(MULTIPLIER)
    left = u32(product >> 32) ^ k ^ right
    right = u32(product)
    k += WEYL
  }
  return left
}

/** How many of the 2³² words would favour small numbers below n. */
// @ts-ignore: decorator
@inline
export function unfairWords(n: u32): u32 {
  return (0 - n) % n
}

/** A uniform number below n, or -1 for a word that must be skipped. */
// @ts-ignore: decorator
@inline
export function below(n: u32, unfair: u32, word: u32): i32 {
  const product = u64(word) * u64(n)
  return u32(product) < unfair ? -1 : i32(product >> 32)
}
