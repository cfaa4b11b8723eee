// The negatives after the first of each draw: two from each block of random words in turn. Those that the user has are
// drawn again, with one block for each attempt.

import { drawsPerNegativeMax, items, negatives, outCandidates, outPositives, outUsers } from './globals'
import { addMissing, addRejected, addSaturated, next } from './counters'
import { has, mayHave } from './membership'
import { below, firstWord, fourBlocks, unfairWords } from './philox'

const firstWords = memory.data(16, 16)
const secondWords = memory.data(16, 16)

/** For draws 0 … drawn-1. Returns how many draws have their first negative; the others are removed. */
export function drawNegatives(drawn: i32): i32 {
  const unfair = unfairWords(items)
  const x = fill(drawn, unfair)
  const missing = redraw(drawn, next + ((x + 1) >> 1), unfair)
  return missing == 0 ? drawn : dropIncomplete(drawn)
}

/** Returns how many random words were used. */
function fill(drawn: i32, unfair: u32): u32 {
  let x: u32 = 0
  for (let k = 0; k < drawn; k++) {
    const user = load<i32>(outUsers + (<usize>k << 2))
    const own = outCandidates + (<usize>(k * negatives) << 2)
    for (let q = 1; q < negatives; q++, x++) {
      if ((x & 7) == 0) fourBlocks(next + (x >> 1), firstWords, secondWords)
      const from = (x & 1) == 0 ? firstWords : secondWords
      const j = below(items, unfair, load<u32>(from + <usize>(((x & 7) >> 1) << 2)))
      const owned = j >= 0 && mayHave(user, j) && has(user, j)
      if (owned) addRejected(1)
      store<i32>(own + (<usize>q << 2), owned ? -1 : j)
    }
  }
  return x
}

/** Returns how many negatives are still missing. */
function redraw(drawn: i32, block: u32, unfair: u32): i32 {
  let missing = 0
  for (let k = 0; k < drawn; k++) {
    const user = load<i32>(outUsers + (<usize>k << 2))
    const own = outCandidates + (<usize>(k * negatives) << 2)
    for (let q = 0; q < negatives; q++) {
      const at = own + (<usize>q << 2)
      if (load<i32>(at) >= 0) continue
      let j = -1
      for (let tries = 1; j < 0 && tries < drawsPerNegativeMax; tries++) {
        j = below(items, unfair, firstWord(block++))
        if (j >= 0 && mayHave(user, j) && has(user, j)) {
          addRejected(1)
          j = -1
        }
      }
      store<i32>(at, j)
      if (j < 0) missing++
    }
  }
  addSaturated(missing)
  addMissing(missing)
  return missing
}

function dropIncomplete(drawn: i32): i32 {
  const bytes = <usize>negatives << 2
  let kept = 0
  for (let k = 0; k < drawn; k++) {
    const own = outCandidates + <usize>k * bytes
    if (load<i32>(own) < 0) {
      for (let q = 0; q < negatives; q++) if (load<i32>(own + (<usize>q << 2)) < 0) addMissing(-1)
      continue
    }
    const from = <usize>k << 2
    const to = <usize>kept << 2
    store<i32>(outUsers + to, load<i32>(outUsers + from))
    store<i32>(outPositives + to, load<i32>(outPositives + from))
    memory.copy(outCandidates + <usize>kept * bytes, own, bytes)
    kept++
  }
  return kept
}
