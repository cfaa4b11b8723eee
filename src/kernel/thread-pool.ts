// Threads that share one update. Every thread runs the same code on the same memory, with globals and scratch memory of
// its own, and any number of threads leaves the same bytes:
// * The draws are cut into chunks. Chunk c belongs to shard c mod 4, and one thread learns a shard. Dense gradients are
//   summed by shard, and the shards in a fixed order at the end.
// * A row belongs to one thread. Only that thread brings it up to date, sums its gradients in the order of the draws,
//   and updates it.
// A module built without threads has one thread, which waits for nobody.

import { barrierArrivedAt, barrierPhaseAt, shardCount, threadFailedAt } from './constants'
import { threadIndex } from './globals'

/** The most threads that can have work: a pool has 1, 2 or 4. */
export const SHARDS: i32 = shardCount

const PHASE: usize = barrierPhaseAt
const ARRIVED: usize = barrierArrivedAt
/** Not 0: a thread has failed, and nobody may wait for it. */
const FAILED: usize = threadFailedAt

/** How often a thread looks before it goes to sleep: some ten µs, longer than most waits. */
const SPINS = 65536

/** Threads that share the current update. */
export let threadCount: i32 = 1

export function setThreadCount(threads: i32): void {
  threadCount = threads
}

export function hasFailed(): bool {
  return load<i32>(FAILED) != 0
}

/** A barrier: waits until all threads have come here. */
export function waitForAll(): void {
  if (!ASC_FEATURE_THREADS || threadCount == 1) return
  const phase = atomic.load<i32>(PHASE)
  if (atomic.add<i32>(ARRIVED, 1) == threadCount - 1) {
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

/** Called by a thread that cannot go on: releases all others. */
export function fail(): void {
  if (!ASC_FEATURE_THREADS) return
  atomic.store<i32>(FAILED, 1)
  atomic.notify(PHASE, -1)
}

/** This thread's share of n floats, in multiples of four: from shareOf(n) to shareOf(n, 1). */
// @ts-ignore: decorator
@inline
export function shareOf(n: i32, next: i32 = 0): i32 {
  if (threadIndex + next == threadCount) return n
  return <i32>((<i64>n * (threadIndex + next)) / threadCount) & ~3
}

/**
 * Whether this thread writes a row. Runs of 32 rows belong to one thread, so that they stay in the cache of one core.
 * The number of threads is a power of two: a remainder for every row of a draw would cost as much as the row.
 */
// @ts-ignore: decorator
@inline
export function ownsRow(row: i32): bool {
  return threadCount == 1 || ((row >> 5) & (threadCount - 1)) == threadIndex
}
