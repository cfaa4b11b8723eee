// Whether a user has an item. The user's bits rule out nearly every item that is drawn; for the others the run of the
// user is searched, four items at a time. That is short compared with a cache miss or two of a hash table.

import {
  earlierItems,
  earlierLength,
  earlierStart,
  earlierUsers,
  length,
  mask,
  slotItems,
  start,
  withheld,
  withheldCount,
  words,
  wordStart,
} from './globals'

/** False only where the user does not have the item. */
// @ts-ignore: decorator
@inline
export function mayHave(user: i32, item: i32): bool {
  const at = <usize>user << 2
  const bit = item & load<i32>(mask + at)
  const word = load<i32>(wordStart + at) + (bit >>> 5)
  return ((load<i32>(words + (<usize>word << 2)) >>> (bit & 31)) & 1) != 0
}

export function has(user: i32, item: i32): bool {
  const at = <usize>user << 2
  // A user without a run has start -1 and length 0.
  const run = slotItems + ((<usize>load<i32>(start + at)) << 2)
  if (holds(run, load<i32>(length + at), item)) return true
  for (let pair = 0; pair < withheldCount; pair++) {
    const entry = withheld + (<usize>pair << 3)
    if (load<i32>(entry) == user && load<i32>(entry, 4) == item) return true
  }
  if (user >= earlierUsers) return false
  const earlier = earlierItems + ((<usize>load<i32>(earlierStart + at)) << 2)
  return holds(earlier, load<i32>(earlierLength + at), item)
}

/** Whether the item is one of the `n` at the address `run`. */
// @ts-ignore: decorator
@inline
function holds(run: usize, n: i32, item: i32): bool {
  const wanted = i32x4.splat(item)
  let k = 0
  for (; k + 4 <= n; k += 4) {
    if (v128.any_true(i32x4.eq(v128.load(run + (<usize>k << 2)), wanted))) return true
  }
  for (; k < n; k++) if (load<i32>(run + (<usize>k << 2)) == item) return true
  return false
}
