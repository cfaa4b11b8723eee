// What is known of each partition this member holds: how far it is safe, handed out and filled, and when it last
// gave a sign of life. Plain bookkeeping; time is handed in.

import type { CatchUp } from './catch-up.ts'

export interface PartitionState {
  /** All records before this offset are acknowledged. */
  safe: number
  /** All records before this offset were taken by the worker. */
  taken: number
  /** The log's end as last seen. */
  end: number
  /** Batches taken and not acknowledged. */
  inHand: number
  /** Tells history from live records; undefined until the first records come. */
  catchUp: CatchUp | undefined
  /** Monotonic ms of the last acknowledgement or word that the work waits for something outside. */
  aliveAt: number
}

export interface Partitions {
  /** Begins anew with these partitions, after joining the group. */
  assign(numbers: readonly number[], now: number): void
  /** The state of an assigned partition. */
  get(partition: number): PartitionState | undefined
  all(): IterableIterator<[number, PartitionState]>
  /** Nothing before `next` is to be worked on. False for a partition that is not assigned. */
  passOver(partition: number, next: number, now: number): boolean
  /** A sign of life of one partition. */
  markAlive(partition: number, now: number): void
  /** Signs of life of all: what is wrong is outside. */
  markAllAlive(now: number): void
  lastAliveAt(): number
  lag(): number | undefined
}

export function createPartitions(): Partitions {
  const states = new Map<number, PartitionState>()
  let lastAliveAt = 0

  function markAlive(partition: number, now: number): void {
    lastAliveAt = now
    const state = states.get(partition)
    if (state !== undefined) state.aliveAt = now
  }

  return {
    assign(numbers, now) {
      states.clear()
      lastAliveAt = now
      for (const number of numbers) {
        states.set(number, {
          ...{ safe: -1, taken: -1, end: -1, inHand: 0, aliveAt: now },
          catchUp: undefined,
        })
      }
    },
    get: (partition) => states.get(partition),
    all: () => states.entries(),
    passOver(partition, next, now) {
      const state = states.get(partition)
      if (state === undefined) return false
      state.taken = Math.max(state.taken, next)
      state.safe = Math.max(state.safe, next)
      markAlive(partition, now)
      return true
    },
    markAlive,
    markAllAlive(now) {
      lastAliveAt = now
      for (const state of states.values()) state.aliveAt = now
    },
    lastAliveAt: () => lastAliveAt,
    lag() {
      let sum: number | undefined
      for (const { taken, end } of states.values()) {
        if (taken >= 0 && end >= 0) sum = (sum ?? 0) + Math.max(0, end - taken)
      }
      return sum
    },
  }
}
