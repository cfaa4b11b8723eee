// Seeded random numbers for everything the worker draws. One generator per purpose, so that the draws of
// one (say, the test items) do not depend on how often another is asked. Not for secrets.

/** A generator: 32-bit words, uniform numbers below n, and a state that a checkpoint can hold. */
export interface Random {
  /** A uniform integer in [0, 2³²). */
  word(): number
  /** A uniform integer in [0, n), exactly uniform (by rejection), 1 ≤ n ≤ 2³². */
  below(n: number): number
  /** out[from … from+count-1] = the integers that this many calls of below(n) would give, in less time. */
  fill(n: number, out: Int32Array, from: number, count: number): void
  /** A uniform number in [0, 1), 32 bits. */
  unit(): number
  /** A standard normal number (Box-Muller). */
  normal(): number
  /** Four words; restore() continues exactly where state() was taken. */
  state(): Uint32Array
  restore(state: Uint32Array): void
}

/** Up to here word·n is exact in a double. */
const exactProductMax = 2 ** 21

/**
 * xoshiro128** (Blackman and Vigna), period 2¹²⁸ - 1, all in 32-bit integer arithmetic, so it gives the same
 * numbers on every machine. `purpose` separates the generators of one seed.
 */
export function createRandom(seed: number, purpose = ''): Random {
  const s = seeded(seed, purpose)
  const word = (): number => nextWord(s)

  /** Lemire's method: the high half of word·n, with the few words that would favour small results thrown away. */
  function below(n: number): number {
    if (n > exactProductMax) return belowByRemainder(s, n)
    let drawn = nextWord(s)
    let low = Math.imul(drawn, n) >>> 0
    if (low < n) {
      const unfair = (0x1_0000_0000 - n) % n
      while (low < unfair) {
        drawn = nextWord(s)
        low = Math.imul(drawn, n) >>> 0
      }
    }
    return Math.floor((drawn * n) / 0x1_0000_0000)
  }

  return {
    word,
    below,
    fill: (n, out, from, count) => fillBelow(s, n, out, from, count),
    unit: () => nextWord(s) / 0x1_0000_0000,
    normal() {
      const radius = Math.sqrt(-2 * Math.log((word() + 1) / 0x1_0000_0001))
      return radius * Math.cos((2 * Math.PI * word()) / 0x1_0000_0000)
    },
    state: () => s.slice(),
    restore(state) {
      if (state.length !== 4) throw new RangeError(`expected 4 words of state, got ${state.length}`)
      s.set(state)
    },
  }
}

/** The four words of state that a generator begins with. */
function seeded(seed: number, purpose: string): Uint32Array {
  const s = new Uint32Array(4)
  let mix = fnv1a(purpose) ^ (seed >>> 0)
  const high = Math.floor(seed / 0x1_0000_0000) >>> 0
  for (let k = 0; k < 4; k++) {
    mix = (mix + 0x9e37_79b9 + high) >>> 0
    s[k] = murmurFinish(mix)
  }
  if ((s[0]! | s[1]! | s[2]! | s[3]!) === 0) s[0] = 1
  return s
}

function nextWord(s: Uint32Array): number {
  const s1 = s[1]!
  const scaled = Math.imul(s1, 5)
  const result = Math.imul((scaled << 7) | (scaled >>> 25), 9) >>> 0
  const shifted = s1 << 9
  s[2]! ^= s[0]!
  s[3]! ^= s1
  s[1]! ^= s[2]!
  s[0]! ^= s[3]!
  s[2]! ^= shifted
  const s3 = s[3]!
  s[3] = (s3 << 11) | (s3 >>> 21)
  return result
}

function belowByRemainder(s: Uint32Array, n: number): number {
  const bound = 0x1_0000_0000 - (0x1_0000_0000 % n)
  let drawn = nextWord(s)
  while (drawn >= bound) drawn = nextWord(s)
  return drawn % n
}

/** As below() without the calls: the four words of state stay in registers. */
function fillBelow(s: Uint32Array, n: number, out: Int32Array, from: number, count: number): void {
  if (n > exactProductMax) {
    for (let at = from; at < from + count; at++) out[at] = belowByRemainder(s, n)
    return
  }
  const unfair = (0x1_0000_0000 - n) % n
  let s0 = s[0]! | 0
  let s1 = s[1]! | 0
  let s2 = s[2]! | 0
  let s3 = s[3]! | 0
  for (let at = from, end = from + count; at < end; ) {
    const scaled = Math.imul(s1, 5)
    const drawn = Math.imul((scaled << 7) | (scaled >>> 25), 9) >>> 0
    const shifted = s1 << 9
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = (s3 << 11) | (s3 >>> 21)
    if (Math.imul(drawn, n) >>> 0 < unfair) continue
    out[at++] = Math.floor((drawn * n) / 0x1_0000_0000)
  }
  s[0] = s0
  s[1] = s1
  s[2] = s2
  s[3] = s3
}

function murmurFinish(value: number): number {
  let h = value >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function fnv1a(text: string): number {
  let h = 0x811c_9dc5
  for (let k = 0; k < text.length; k++) h = Math.imul(h ^ text.charCodeAt(k), 0x0100_0193)
  return h >>> 0
}

/** 0 … count-1 in random order (Fisher-Yates). */
export function shuffled(count: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, k) => k)
  for (let k = count - 1; k > 0; k--) {
    const other = random.below(k + 1)
    const moved = order[k]!
    order[k] = order[other]!
    order[other] = moved
  }
  return order
}
