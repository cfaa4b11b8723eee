// Preference relations to rank by, made from a seed: intransitive tables, and total orders.
// Also the textbook Algorithm 1, written to be read and nothing else.

import type { Compare } from '../../src/paper/algorithm-1.ts'

export interface Relation {
  readonly n: number
  readonly z: (i: number, j: number) => number
  readonly compare: Compare
  /** Logits asked for so far. */
  readonly asked: () => number
}

export function relationOf(n: number, z: (i: number, j: number) => number): Relation {
  let asked = 0
  return {
    n,
    z: (i, j) => Math.fround(z(i, j)),
    compare: (first, second, count, out) => {
      asked += count
      for (let x = 0; x < count; x++) out[x] = z(first[x]!, second[x]!)
    },
    asked: () => asked,
  }
}

/** Any z(i,j), nothing transitive about it; `levels` few values give many ties. */
export function randomTable(n: number, seed: number, levels: number): Relation {
  const random = generator(seed)
  const table = Float32Array.from({ length: n * n }, () => random(levels) - levels / 2)
  return relationOf(n, (i, j) => table[i * n + j]!)
}

/** NBPR: z(i,j) = w1·s_i - w2·s_j + bias, a total order by s; whole s, so that nothing is rounded. */
export function totalOrder(scores: readonly number[], w1: number, w2: number): Relation {
  return relationOf(scores.length, (i, j) => w1 * scores[i]! - w2 * scores[j]! + 3)
}

export function shuffled(n: number, seed: number): Int32Array {
  const random = generator(seed)
  const order = Int32Array.from({ length: n }, (_, item) => item)
  for (let at = n - 1; at > 0; at--) {
    const other = random(at + 1)
    ;[order[at], order[other]] = [order[other]!, order[at]!]
  }
  return order
}

/** Line by line from the paper: K times the champion of a scan over what is left. */
export function textbook(order: Int32Array, k: number, z: Relation['z']): number[] {
  const left = [...order]
  const list: number[] = []
  while (list.length < k && left.length > 0) {
    let champion = left[0]!
    for (const item of left.slice(1)) {
      if (z(item, champion) > z(champion, item)) champion = item
    }
    list.push(champion)
    left.splice(left.indexOf(champion), 1)
  }
  return list
}

/** Marsaglia's xorshift: any seeded whole numbers below a bound. */
export function generator(seed: number): (below: number) => number {
  let state = (seed | 0) ^ 0x9e3779b9 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
