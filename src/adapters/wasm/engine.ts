// The engine of compiled WebAssembly kernels: what the worker learns with by default. Each network has a memory of its
// own, which holds its parameters, optimizer state, batch and scratch. The numbers agree with those of the reference.

import { checkSpec } from '../../learn/network/spec.ts'
import {
  growStore,
  type RowCounts,
  renewRows,
  restoreStore,
  type Store,
  tensorsOf,
} from '../../learn/network/store.ts'
import { type Engine, isTotal, type Network, type NetworkSpec } from '../../ports/engine.ts'
import { createCatalogue } from './catalogue.ts'
import { createDrawMemory } from './draws/draw-memory.ts'
import { createHiddenUnits } from './hidden-units.ts'
import type { KernelOptions } from './kernel/kernel.ts'
import { createCall } from './memory/call-arrays.ts'
import { gradientSumBytes, placeGradientSums } from './memory/gradient-memory.ts'
import { createNetworkMemory, layOut } from './memory/memory-map.ts'
import { pairsMin } from './memory/pair-memory.ts'
import { createPairwiseRankers, projectionBytesMax } from './pairwise-ranker.ts'
import { createItemRows } from './scan/item-rows.ts'
import { createItemScan } from './scan/item-scan.ts'
import { createScores } from './scores.ts'
import { createRankThreads } from './threads/rank-threads.ts'
import { createThreadPool, type ThreadPool } from './threads/thread-pool.ts'

/** `bytesMax` applies to each network. At most, and if left out, it is the 4 GiB of 32-bit addresses. */
export interface WasmOptions extends KernelOptions {
  /** The most bytes that projections of the items may take; beyond it a joint tower compares pairs without them. */
  readonly projectionBytesMax?: number
  /** Threads that share an update of many draws if the tower is joint. Any number gives the same bytes. */
  readonly threads?: 1 | 2 | 4
  /** Threads beside the calling one that share the scan of a catalogue. Any number gives the same lists. */
  readonly rankThreads?: number
}

export function createWasmEngine(options: WasmOptions = {}): Engine {
  const { threads = 1, rankThreads = 0 } = options
  const pool = threads === 1 ? undefined : createThreadPool(threads)
  const rankers = rankThreads === 0 ? undefined : createRankThreads({ count: rankThreads })
  return {
    name: 'wasm',
    create: (spec, seed, expected) => createNetwork(spec, seed, options, pool, expected),
    catalogue: createCatalogue,
    hiddenUnits: createHiddenUnits,
    itemScan: () => createItemScan(undefined, rankers),
    drawMemory: () => createDrawMemory(options.bytesMax),
    close: async () => rankers?.close(),
  }
}

/** A pool shares updates of many draws; where an order is total they wait for memory more than for arithmetic. */
function createNetwork(
  spec: NetworkSpec,
  seed: number,
  options: WasmOptions,
  enginePool: ThreadPool | undefined,
  expected: RowCounts | undefined,
): Network {
  checkSpec(spec)
  const pool = isTotal(spec) ? undefined : enginePool
  const memory = createNetworkMemory(spec, seed, options, {
    ...(pool && { threads: pool.threads }),
    ...(expected && { expected }),
  })
  const { kernel, store } = memory
  const call = createCall(memory)
  const { joint } = store.layout.shape
  const rankers = createPairwiseRankers(
    memory,
    call,
    options.projectionBytesMax ?? projectionBytesMax,
  )
  const rows = createItemRows(memory, call)
  const scores = createScores(memory, call)
  /** What was made from rows as they were. */
  function forget(): void {
    rankers.forget()
    call.forget()
  }

  return {
    spec,
    rows,
    grow(users, items, restored) {
      if (users <= store.users && items <= store.items) return
      forget()
      const room = capacityOf(store)
      growStore(store, seed, users, items, restored)
      // A row that had room moves nothing, so what lies behind the store may stay, too.
      if (capacityOf(store) !== room) layOut(memory)
    },
    renew(of, ids) {
      forget()
      renewRows(store, seed, of, ids)
      if (of === 'items') rows?.tell(ids.filter((item) => item < store.items))
    },
    step(batch, updates, isUntouched = false) {
      rankers.forget()
      const { count } = batch
      const each = updates === 'each'
      const sums = joint || !each
      call.draws(batch, sums ? gradientSumBytes(memory, batch) : 0)
      if (count === 0) return 0
      if (sums) placeGradientSums(memory, batch, call.own)
      // One chunk of pairs is nothing to share.
      const shared = !each && count * batch.negatives > pairsMin / 2
      if (shared && pool !== undefined) return pool.learn(memory, count) / count
      const isRead = isUntouched && each && call.isRead
      const loss = kernel.learn(count, each ? 1 : 0, 1, isRead ? 1 : 0) / count
      rows?.tellLearned()
      return loss
    },
    score: scores.score,
    scoreAll: scores.scoreAll,
    compare(users, first, second, count, out) {
      rankers.forget()
      scores.compare(users, first, second, count, out)
    },
    pairwiseRanker: (users) => (joint ? rankers.of(users) : undefined),
    tensors() {
      forget()
      return tensorsOf(store)
    },
    restore(tensors, copied) {
      forget()
      rows?.tellAll()
      restoreStore(store, tensors, copied)
    },
  }
}

/** Rows that there is room for, of all tables. */
function capacityOf({ layout }: Store): number {
  return layout.tables.reduce((sum, { capacity }) => sum + capacity, 0)
}
