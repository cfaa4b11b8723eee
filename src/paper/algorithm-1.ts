// The paper's Algorithm 1: the champion of a scan over the candidates is the next item of the list, K times.
// `literal` does just that in K passes. `resume` gives the same lists for any relation and any scan order: up to the
// champion's place the next pass would repeat the last one, so it continues from there with the previous champion.
// Neither chooses the candidates or their order (candidates.ts). Logits are compared, without sigmoids.
//
// Symbols: M candidates, K items wanted, i j items, z(i,j) the logit of «the user prefers i to j»,
// c the champion so far. A challenger becomes the champion iff z(j,c) > z(c,j): ties keep the one scanned earlier.

/** out[x] = z(first[x], second[x]) for x < count, for one user. As Network.compare with the user bound. */
export type Compare = (
  first: Int32Array,
  second: Int32Array,
  count: number,
  out: Float32Array,
) => void

export type Pick = (
  /** (M) items in scan order, each once. */
  order: Int32Array,
  m: number,
  k: number,
  compare: Compare,
  /** (min(K, M)) gets the items, best first. */
  out: Int32Array,
) => number

export interface Algorithm1 {
  /** K passes over all candidates that are left. Returns how many items there were, at most k. */
  readonly literal: Pick
  /** The same lists with the stack of champions. */
  readonly resume: Pick
  /** Pairs compared since creation; each costs the two logits z(i,j) and z(j,i). */
  comparisons(): number
}

/**
 * `blockMax`: the champion is compared with up to this many challengers in one call. Blocks double from 1 as long as
 * the champion stays, so at most as many comparisons are wasted as are needed. 1: none is wasted. Throws a RangeError
 * if a logit is NaN, because nothing can be ranked by it.
 */
export function createAlgorithm1(options: { readonly blockMax: number }): Algorithm1 {
  const scan = createScan(options.blockMax)
  let stack = new Int32Array(0)

  const literal: Pick = (order, m, k, compare, out) => {
    scan.start(m)
    for (let picked = 0; picked < k; picked++) {
      let champion = scan.nextFree(0, m)
      if (champion === m) return picked
      for (let at = champion; at < m; ) {
        champion = at
        at = scan.nextChampion(order, m, champion, champion + 1, compare)
      }
      scan.take(champion)
      out[picked] = order[champion]!
    }
    return k
  }

  const resume: Pick = (order, m, k, compare, out) => {
    scan.start(m)
    if (stack.length < m) stack = new Int32Array(m)
    // Positions of the champions of the scan so far, the reigning one on top.
    let depth = 0
    let scanned = 0
    for (let picked = 0; picked < k; picked++) {
      if (depth === 0) {
        // Everything before is taken: the scan starts anew with the next item that is free.
        const free = scan.nextFree(scanned, m)
        if (free === m) return picked
        stack[depth++] = free
        scanned = free + 1
      }
      for (;;) {
        const at = scan.nextChampion(order, m, stack[depth - 1]!, scanned, compare)
        if (at === m) break
        stack[depth++] = at
        scanned = at + 1
      }
      const winner = stack[--depth]!
      scan.take(winner)
      out[picked] = order[winner]!
      scanned = winner + 1
    }
    return k
  }

  return { literal, resume, comparisons: () => scan.compared }
}

/** Passes over items of which more and more are taken. */
function createScan(blockMax: number) {
  const first = new Int32Array(2 * blockMax)
  const second = new Int32Array(2 * blockMax)
  const z = new Float32Array(2 * blockMax)
  const positions = new Int32Array(blockMax)
  let taken = new Uint8Array(0)
  let compared = 0

  /** The first position from `from` on that is not taken, m if there is none. */
  function nextFree(from: number, m: number): number {
    let at = from
    while (at < m && taken[at] === 1) at++
    return at
  }

  /** The first position from `from` on whose item beats the champion, m if there is none. */
  function nextChampion(
    order: Int32Array,
    m: number,
    champion: number,
    from: number,
    compare: Compare,
  ): number {
    let at = nextFree(from, m)
    for (let block = 1; at < m; block = Math.min(2 * block, blockMax)) {
      let count = 0
      for (; count < block && at < m; at = nextFree(at + 1, m)) {
        first[2 * count] = second[2 * count + 1] = order[champion]!
        second[2 * count] = first[2 * count + 1] = order[at]!
        positions[count++] = at
      }
      compare(first, second, 2 * count, z)
      compared += count
      for (let x = 0; x < count; x++) {
        const gap = z[2 * x + 1]! - z[2 * x]!
        if (Number.isNaN(gap)) refuseNaN(first[2 * x]!, second[2 * x]!, z[2 * x]!, z[2 * x + 1]!)
        if (gap > 0) return positions[x]!
      }
    }
    return m
  }

  return {
    start(m: number): void {
      if (taken.length < m) taken = new Uint8Array(m)
      taken.fill(0, 0, m)
    },
    take(position: number): void {
      taken[position] = 1
    },
    nextFree,
    nextChampion,
    get compared() {
      return compared
    },
  }
}

/** Infinite logits can be equal or ordered; only a NaN, or one made by ∞ - ∞, cannot. */
function refuseNaN(i: number, j: number, zij: number, zji: number): void {
  if (zij === zji) return
  throw new RangeError(`items ${i} and ${j} cannot be compared: logits ${zij} and ${zji}`)
}
