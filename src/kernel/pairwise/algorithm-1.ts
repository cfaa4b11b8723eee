// Algorithm 1 over items in a given order, with a stack of champions. After the best item is found, the next pass would
// repeat itself up to that item's position, so it goes on from there with the champion before it. Of two items that
// tie, the one scanned earlier stays champion.

import { comparePairs, compareWith } from './pairwise-ranker'
import { LANES } from './ranker-planes'

/**
 * How many challengers a champion meets at once: the block doubles from the minimum to the maximum while it stays
 * champion.
 */
const BLOCK_MIN = 4
const BLOCK_MAX = LANES / 2

let order: usize = 0
let itemCount = 0
let taken: usize = 0
/** Positions of the champions so far; the current one is on top. */
let stack: usize = 0
let depth = 0
/** All positions before this one have been scanned. */
let scanned = 0
/** The last challenger won, so the next ones are compared as if each of them won again. */
let inChain = false
let block = 0
let challengers: usize = 0
let champions: usize = 0
let positions: usize = 0
let forward: usize = 0
let reverse: usize = 0
let compared: i32 = 0
let failed = false

/** Bytes of scratch for an order of m items. */
export function algorithm1Scratch(m: i32): i32 {
  return ((m << 2) + ((m + 15) & ~15)) + ((5 * BLOCK_MAX) << 2)
}

/** Pairs that the last pickBest() compared, including those that turned out not to be needed. */
export function comparedPairs(): i32 {
  return compared
}

/** The k best of items[0 … m-1] in scan order, best first, into `out`. Returns how many, or -1 if a logit is NaN. */
export function pickBest(items: usize, m: i32, k: i32, out: usize, scratch: usize): i32 {
  order = items
  itemCount = m
  challengers = scratch
  champions = challengers + (BLOCK_MAX << 2)
  positions = champions + (BLOCK_MAX << 2)
  forward = positions + (BLOCK_MAX << 2)
  reverse = forward + (BLOCK_MAX << 2)
  stack = reverse + (BLOCK_MAX << 2)
  taken = stack + (m << 2)
  compared = 0
  failed = false
  memory.fill(taken, 0, m)
  depth = 0
  scanned = 0
  for (let found = 0; found < k; found++) {
    if (depth == 0) {
      const free = nextFree(scanned)
      if (free == m) return found
      pushChampion(free)
    }
    inChain = true
    block = BLOCK_MIN
    while (gatherChallengers()) {
      if (inChain) challengeInChain()
      else challengeChampion()
      if (failed) return -1
    }
    const winner = load<i32>(stack + (--depth << 2))
    store<u8>(taken + winner, 1)
    store<i32>(out + (found << 2), load<i32>(order + (winner << 2)))
    scanned = winner + 1
  }
  return k
}

let challengerCount = 0

function pushChampion(place: i32): void {
  store<i32>(stack + (depth << 2), place)
  depth++
  scanned = place + 1
}

// @ts-ignore: decorator
@inline
function nextFree(from: i32): i32 {
  let at = from
  while (at < itemCount && load<u8>(taken + at) != 0) at++
  return at
}

/** Collects the next challengers and their positions. Returns false if there are none. */
function gatherChallengers(): bool {
  const most = inChain ? BLOCK_MIN : block
  challengerCount = 0
  let at = nextFree(scanned)
  for (; challengerCount < most && at < itemCount; challengerCount++) {
    store<i32>(challengers + (challengerCount << 2), load<i32>(order + (at << 2)))
    store<i32>(positions + (challengerCount << 2), at)
    at = nextFree(at + 1)
  }
  return challengerCount > 0
}

/**
 * In an ascending order challengers are likely to win: each one meets the one before it, which is champion if it won.
 */
function challengeInChain(): void {
  store<i32>(champions, load<i32>(order + (load<i32>(stack + ((depth - 1) << 2)) << 2)))
  memory.copy(champions + 4, challengers, (challengerCount - 1) << 2)
  comparePairs(challengers, champions, challengerCount, forward, reverse)
  compared += challengerCount
  for (let n = 0; n < challengerCount; n++) {
    const place = load<i32>(positions + (n << 2))
    if (beats(n)) {
      pushChampion(place)
      continue
    }
    scanned = place + 1
    inChain = false
    block = BLOCK_MIN
    return
  }
}

/** The champion against all challengers of a block. */
function challengeChampion(): void {
  const champion = load<i32>(order + (load<i32>(stack + ((depth - 1) << 2)) << 2))
  compareWith(champion, challengers, challengerCount, forward, reverse)
  compared += challengerCount
  for (let n = 0; n < challengerCount; n++) {
    if (failed) return
    if (beats(n)) {
      pushChampion(load<i32>(positions + (n << 2)))
      inChain = true
      return
    }
  }
  scanned = load<i32>(positions + ((challengerCount - 1) << 2)) + 1
  block = min(2 * block, BLOCK_MAX)
}

// @ts-ignore: decorator
@inline
function beats(n: i32): bool {
  const challenge = load<f32>(forward + (n << 2))
  const defence = load<f32>(reverse + (n << 2))
  if (challenge != challenge || defence != defence) failed = true
  return challenge > defence
}
