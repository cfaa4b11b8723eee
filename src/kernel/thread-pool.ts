// Threads that share one update. Every member runs the same code on the same memory, with globals and scratch of its
// own, and any number of members leaves the same bytes: draws are cut into chunks, and chunk c belongs to strand c mod 4,
// which one member learns. Dense gradients are summed by strand, and the strands in their order at the end. A row belongs
// to one member, which alone writes it: brings it up to now, sums its gradients in the order of the draws, and moves it.
// Built without threads there is one member, and nobody to wait for.

import { crew, member } from './memory'

/** The most members that there can be work for; a crew is 1, 2 or 4. */
export const STRANDS = 4

/** Each on a line of cache of its own, below the static data. */
const PHASE: usize = 576
const ARRIVED: usize = 640
/** Not 0: a member has failed, and nobody may wait for it. */
const FAILED: usize = 704

/** Looks before a member goes to sleep: some ten µs, longer than most waits. */
const SPINS = 65536

export function hasFailed(): bool {
  return load<i32>(FAILED) != 0
}

/** Waits until all members are here. */
export function meetAll(): void {
  if (!ASC_FEATURE_THREADS || crew == 1) return
  const phase = atomic.load<i32>(PHASE)
  if (atomic.add<i32>(ARRIVED, 1) == crew - 1) {
    atomic.store<i32>(ARRIVED, 0)
    atomic.store<i32>(PHASE, phase + 1)
    atomic.notify(PHASE, -1)
    return
  }
  while (atomic.load<i32>(PHASE) == phase && atomic.load<i32>(FAILED) == 0) {
    for (let n = 0; n < SPINS; n++) if (atomic.load<i32>(PHASE) != phase) return
    atomic.wait<i32>(PHASE, phase, -1)
  }
}

/** For a member that cannot go on: lets all others go. */
export function fail(): void {
  if (!ASC_FEATURE_THREADS) return
  atomic.store<i32>(FAILED, 1)
  atomic.notify(PHASE, -1)
}

/** This member's share of n places, in whole fours: from shareOf(n) to shareOf(n, 1). */
// @ts-ignore: decorator
@inline
export function shareOf(n: i32, next: i32 = 0): i32 {
  if (member + next == crew) return n
  return <i32>((<i64>n * (member + next)) / crew) & ~3
}

/**
 * Whether a row is this member's to write: what stays with one member stays in one core's cache, so rows go by whole lines
 * of it. Crews are powers of two: a remainder for every row of a draw would cost as much as the row.
 */
// @ts-ignore: decorator
@inline
export function owns(row: i32): bool {
  return crew == 1 || ((row >> 5) & (crew - 1)) == member
}
