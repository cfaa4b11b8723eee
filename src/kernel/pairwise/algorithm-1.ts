// Algorithm 1 with the stack of champions, over items in a given order: the next pass would repeat itself up to the
// champion's place, so it goes on from there with the champion before it. Ties keep the one scanned earlier.

import { LANES, meet, meetPairs } from './pairwise-ranker'

/** Challengers that a champion meets at once: blocks double from the least to the most while it stays. */
const BLOCK_LEAST = 4
const BLOCK_MOST = LANES / 2

let order: usize = 0
let places = 0
let taken: usize = 0
/** Places of the champions so far, the reigning one on top. */
let stack: usize = 0
let depth = 0
/** Places before it have been scanned. */
let scanned = 0
/** The last challenger won: the next are met as if each won again. */
let climbing = false
let block = 0
let challengers: usize = 0
let champions: usize = 0
let positions: usize = 0
let forth: usize = 0
let back: usize = 0
let compared: i32 = 0
let failed = false

/** Bytes of scratch for an order of m items. */
export function championScratch(m: i32): i32 {
  return ((m << 2) + ((m + 15) & ~15)) + ((5 * BLOCK_MOST) << 2)
}

/** Pairs that the last pickBest() compared, those that were not needed too. */
export function pickCompared(): i32 {
  return compared
}

/** The k best of items[0 … m-1] in scan order, best first, into `out`; how many, or -1 where a logit was no number. */
export function pickBest(items: usize, m: i32, k: i32, out: usize, scratch: usize): i32 {
  order = items
  places = m
  challengers = scratch
  champions = challengers + (BLOCK_MOST << 2)
  positions = champions + (BLOCK_MOST << 2)
  forth = positions + (BLOCK_MOST << 2)
  back = forth + (BLOCK_MOST << 2)
  stack = back + (BLOCK_MOST << 2)
  taken = stack + (m << 2)
  compared = 0
  failed = false
  memory.fill(taken, 0, m)
  depth = 0
  scanned = 0
  for (let picked = 0; picked < k; picked++) {
    if (depth == 0) {
      const free = nextFree(scanned)
      if (free == m) return picked
      crown(free)
    }
    climbing = true
    block = BLOCK_LEAST
    while (gatherChallengers()) {
      if (climbing) climb()
      else defend()
      if (failed) return -1
    }
    const winner = load<i32>(stack + (--depth << 2))
    store<u8>(taken + winner, 1)
    store<i32>(out + (picked << 2), load<i32>(order + (winner << 2)))
    scanned = winner + 1
  }
  return k
}

let challenged = 0

function crown(place: i32): void {
  store<i32>(stack + (depth << 2), place)
  depth++
  scanned = place + 1
}

// @ts-ignore: decorator
@inline
function nextFree(from: i32): i32 {
  let at = from
  while (at < places && load<u8>(taken + at) != 0) at++
  return at
}

/** The next challengers and their places; false: there are none. */
function gatherChallengers(): bool {
  const most = climbing ? BLOCK_LEAST : block
  challenged = 0
  let at = nextFree(scanned)
  for (; challenged < most && at < places; challenged++) {
    store<i32>(challengers + (challenged << 2), load<i32>(order + (at << 2)))
    store<i32>(positions + (challenged << 2), at)
    at = nextFree(at + 1)
  }
  return challenged > 0
}

/** In an ascending order the likely way: each challenger meets the one before it, which is champion if it won. */
function climb(): void {
  store<i32>(champions, load<i32>(order + (load<i32>(stack + ((depth - 1) << 2)) << 2)))
  memory.copy(champions + 4, challengers, (challenged - 1) << 2)
  meetPairs(challengers, champions, challenged, forth, back)
  compared += challenged
  for (let n = 0; n < challenged; n++) {
    const place = load<i32>(positions + (n << 2))
    if (beats(n)) {
      crown(place)
      continue
    }
    scanned = place + 1
    climbing = false
    block = BLOCK_LEAST
    return
  }
}

/** The champion against all of the block. */
function defend(): void {
  meet(load<i32>(order + (load<i32>(stack + ((depth - 1) << 2)) << 2)), challengers, challenged, forth, back)
  compared += challenged
  for (let n = 0; n < challenged; n++) {
    if (failed) return
    if (beats(n)) {
      crown(load<i32>(positions + (n << 2)))
      climbing = true
      return
    }
  }
  scanned = load<i32>(positions + ((challenged - 1) << 2)) + 1
  block = min(2 * block, BLOCK_MOST)
}

// @ts-ignore: decorator
@inline
function beats(n: i32): bool {
  const challenge = load<f32>(forth + (n << 2))
  const defence = load<f32>(back + (n << 2))
  if (challenge != challenge || defence != defence) failed = true
  return challenge > defence
}
