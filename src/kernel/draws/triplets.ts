// Positives with their first negatives. Attempt n uses block n of the random words: the first word for the slot, the
// second for j. Sixty-four attempts are looked up together, one array after the other, so that their cache misses
// overlap, and without branches, since more than half of the slots may be empty. What is left is accepted or rejected
// in its order, so the result is that of one attempt after the other.

import {
  count, drawsPerTripletMax, items, length, negatives, outCandidates, outPositives, outUsers, owner, slotItems, slots,
  start, uniform,
} from './globals'
import { addRejected, addSaturated, setNext } from './counters'
import { has, mayHave } from './membership'
import { below, fourBlocks, unfairWords } from './philox'

const GROUP = 64
/** A request ends after this many attempts in a row without a positive: nearly all slots are empty. */
const EMPTY_ATTEMPTS_MAX: u32 = 100_000

const firstWords = memory.data(4 * GROUP, 16)
const secondWords = memory.data(4 * GROUP, 16)
/** Of the attempts that found a positive: their number in the group, slot, user, j, and whether u may have j. */
const foundAttempts = memory.data(4 * GROUP, 16)
const foundSlots = memory.data(4 * GROUP, 16)
const foundUsers = memory.data(4 * GROUP, 16)
const foundItems = memory.data(4 * GROUP, 16)
const foundMayHave = memory.data(4 * GROUP, 16)

/** Writes up to `count` draws; returns how many. */
export function drawTriplets(): i32 {
  const unfairSlots = unfairWords(slots)
  const unfairItems = unfairWords(items)
  let wanted = count
  let drawn = 0
  let tries = 0
  /** The next attempt, and the one after the last that found a positive. */
  let n: u32 = 0
  let endOfUseful: u32 = 0
  while (drawn < wanted) {
    const group = groupFor(wanted - drawn)
    const found = lookUp(n, group, unfairSlots, unfairItems)
    for (let m: usize = 0; m < found && drawn < wanted; m += 4) {
      const attempt = n + load<u32>(foundAttempts + m)
      if (attempt - endOfUseful >= EMPTY_ATTEMPTS_MAX) break
      endOfUseful = attempt + 1
      const user = load<i32>(foundUsers + m)
      const j = load<i32>(foundItems + m)
      const owned = load<i32>(foundMayHave + m) != 0 && has(user, j)
      if (owned) addRejected(1)
      if (owned && uniform) {
        if (++tries < drawsPerTripletMax) continue
        addSaturated(1)
        wanted--
      } else {
        const to = <usize>drawn << 2
        drawn++
        store<i32>(outUsers + to, user)
        store<i32>(outPositives + to, load<i32>(slotItems + (<usize>load<i32>(foundSlots + m) << 2)))
        store<i32>(outCandidates + to * negatives, owned ? -1 : j)
      }
      tries = 0
    }
    n += group
    if (drawn < wanted && n - endOfUseful >= EMPTY_ATTEMPTS_MAX) {
      endOfUseful += EMPTY_ATTEMPTS_MAX
      wanted = drawn
    }
  }
  setNext(endOfUseful)
  return drawn
}

/** A multiple of four, and some more than are wanted, since some will be rejected. */
// @ts-ignore: decorator
@inline
function groupFor(wanted: i32): i32 {
  return min(GROUP, (2 * wanted + 3) & ~3)
}

/** Attempts n … n+group-1. Returns four times the number of those that found a positive. */
function lookUp(n: u32, group: i32, unfairSlots: u32, unfairItems: u32): usize {
  const end = <usize>group << 2
  for (let at: usize = 0; at < end; at += 16) {
    fourBlocks(n + u32(at >> 2), firstWords + at, secondWords + at)
  }
  let found: usize = 0
  for (let at: usize = 0; at < end; at += 4) {
    const slot = below(slots, unfairSlots, load<u32>(firstWords + at))
    const j = below(items, unfairItems, load<u32>(secondWords + at))
    store<i32>(foundAttempts + found, i32(at >> 2))
    store<i32>(foundSlots + found, slot)
    store<i32>(foundItems + found, j)
    found += (slot | j) >= 0 ? 4 : 0
  }
  for (let at: usize = 0; at < found; at += 4) {
    const slot = load<u32>(foundSlots + at)
    store<i32>(foundUsers + at, load<i32>(owner + ((slot >> 2) << 2)))
  }
  const fair = found
  found = 0
  for (let at: usize = 0; at < fair; at += 4) {
    const user = load<i32>(foundUsers + at)
    const slot = load<i32>(foundSlots + at)
    // A slot that nobody owns is looked up as user 0's, and does not count.
    const own = <usize>max(user, 0) << 2
    const place = slot - load<i32>(start + own)
    store<i32>(foundAttempts + found, load<i32>(foundAttempts + at))
    store<i32>(foundSlots + found, slot)
    store<i32>(foundItems + found, load<i32>(foundItems + at))
    store<i32>(foundUsers + found, user)
    found += i32(user >= 0) & i32(place < load<i32>(length + own)) ? 4 : 0
  }
  for (let at: usize = 0; at < found; at += 4) {
    store<i32>(foundMayHave + at, i32(mayHave(load<i32>(foundUsers + at), load<i32>(foundItems + at))))
  }
  return found
}
