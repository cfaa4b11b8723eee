// Algorithm 1 with the stack of champions, over items in a given order: the next pass would repeat itself up to the
// champion's place, so it goes on from there with the champion before it. Ties keep the one scanned earlier.

import { LANES, meet } from './contest'

/** Challengers that a champion meets at once: blocks double from the least to the most while it stays. */
const BLOCK_LEAST = 4
const BLOCK_MOST = LANES / 2

let order: usize = 0
let places = 0
let taken: usize = 0
let stack: usize = 0
let challengers: usize = 0
let positions: usize = 0
let forth: usize = 0
let back: usize = 0
let compared: i32 = 0
let failed = false

/** Bytes of scratch for an order of m items. */
export function championScratch(m: i32): i32 {
  return ((m << 2) + ((m + 15) & ~15)) + ((4 * BLOCK_MOST) << 2)
}

/** Pairs that the last pickBest() compared, those of a block behind its new champion too. */
export function pickCompared(): i32 {
  return compared
}

/** The k best of items[0 … m-1] in scan order, best first, into `out`; how many, or -1 where a logit was no number. */
export function pickBest(items: usize, m: i32, k: i32, out: usize, scratch: usize): i32 {
  order = items
  places = m
  challengers = scratch
  positions = challengers + (BLOCK_MOST << 2)
  forth = positions + (BLOCK_MOST << 2)
  back = forth + (BLOCK_MOST << 2)
  stack = back + (BLOCK_MOST << 2)
  taken = stack + (m << 2)
  compared = 0
  failed = false
  memory.fill(taken, 0, m)
  let depth = 0
  let scanned = 0
  for (let picked = 0; picked < k; picked++) {
    if (depth == 0) {
      const free = nextFree(scanned)
      if (free == m) return picked
      store<i32>(stack, free)
      depth = 1
      scanned = free + 1
    }
    for (;;) {
      const at = nextChampion(load<i32>(stack + ((depth - 1) << 2)), scanned)
      if (failed) return -1
      if (at == m) break
      store<i32>(stack + (depth << 2), at)
      depth++
      scanned = at + 1
    }
    const winner = load<i32>(stack + (--depth << 2))
    store<u8>(taken + winner, 1)
    store<i32>(out + (picked << 2), load<i32>(order + (winner << 2)))
    scanned = winner + 1
  }
  return k
}

// @ts-ignore: decorator
@inline
function nextFree(from: i32): i32 {
  let at = from
  while (at < places && load<u8>(taken + at) != 0) at++
  return at
}

/** The first place from `from` on whose item beats the champion, `places` if there is none. */
function nextChampion(champion: i32, from: i32): i32 {
  const item = load<i32>(order + (champion << 2))
  let at = nextFree(from)
  for (let block = BLOCK_LEAST; at < places; block = min(2 * block, BLOCK_MOST)) {
    let count = 0
    for (; count < block && at < places; count++) {
      store<i32>(challengers + (count << 2), load<i32>(order + (at << 2)))
      store<i32>(positions + (count << 2), at)
      at = nextFree(at + 1)
    }
    meet(item, challengers, count, forth, back)
    compared += count
    for (let n: usize = 0; n < <usize>count << 2; n += 4) {
      const challenge = load<f32>(forth + n)
      const defence = load<f32>(back + n)
      if (challenge > defence) return load<i32>(positions + n)
      if (challenge != challenge || defence != defence) {
        failed = true
        return places
      }
    }
  }
  return places
}
