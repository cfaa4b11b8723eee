// The engine of compiled WebAssembly kernels: what the worker learns with by default. Each network has a memory of its
// own, which holds its parameters, optimizer state, batch and scratch. The numbers agree with those of the reference.

import { wantIds, wantLength } from '../../learn/network/check-batch.ts'
import { checkSpec } from '../../learn/network/spec.ts'
import { growStore, restoreStore, type Store, tensorsOf } from '../../learn/network/store.ts'
import { type Engine, isTotal, type Network, type NetworkSpec } from '../../ports/engine.ts'
import { createCatalogue } from './catalogue.ts'
import { createDrawMemory } from './draws/draw-memory.ts'
import type { KernelOptions } from './kernel/kernel.ts'
import { createCall } from './memory/call-arrays.ts'
import { gradientSumBytes, placeGradientSums } from './memory/gradient-memory.ts'
import { createNetworkMemory, layOut } from './memory/memory-map.ts'
import { pairsMin } from './memory/pair-memory.ts'
import { createPairwiseRankers, projectionBytesMax } from './pairwise-ranker.ts'
import { createItemRows } from './scan/item-rows.ts'
import { createItemScan } from './scan/item-scan.ts'
import { createThreadPool, type ThreadPool } from './threads/thread-pool.ts'

/** `bytesMax` applies to each network. At most, and if left out, it is the 4 GiB of 32-bit addresses. */
export interface WasmOptions extends KernelOptions {
  /** Projections of the items take at most so many bytes; beyond that a joint tower compares pairs without them. */
  readonly projectionBytesMax?: number
  /** Threads that share an update of many draws if the tower is joint. Any number gives the same bytes. */
  readonly threads?: 1 | 2 | 4
}

export function createWasmEngine(options: WasmOptions = {}): Engine {
  const { threads = 1 } = options
  const pool = threads === 1 ? undefined : createThreadPool(threads)
  return {
    name: 'wasm',
    create: (spec, seed) => createNetwork(spec, seed, options, pool),
    catalogue: createCatalogue,
    itemScan: createItemScan,
    drawMemory: () => createDrawMemory(options.bytesMax),
  }
}

/** A pool shares updates of many draws; where an order is total they wait for memory more than for arithmetic. */
function createNetwork(
  spec: NetworkSpec,
  seed: number,
  options: WasmOptions,
  enginePool: ThreadPool | undefined,
): Network {
  checkSpec(spec)
  const pool = isTotal(spec) ? undefined : enginePool
  const memory = createNetworkMemory(spec, seed, options, pool?.threads)
  const { kernel, store } = memory
  const call = createCall(memory)
  const { joint } = store.layout.shape
  const rankers = createPairwiseRankers(
    memory,
    call,
    options.projectionBytesMax ?? projectionBytesMax,
  )
  const rows = createItemRows(memory, call)
  return {
    spec,
    rows,
    grow(users, items) {
      if (users <= store.users && items <= store.items) return
      rankers.forget()
      const room = capacityOf(store)
      growStore(store, seed, users, items)
      // A row that had room moves nothing, so what lies behind the store may stay, too.
      if (capacityOf(store) !== room) layOut(memory)
    },
    step(batch, updates) {
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
      const loss = kernel.learn(count, each ? 1 : 0, 1) / count
      rows?.tellLearned()
      return loss
    },
    score(users, items, out) {
      if (joint) throw new RangeError('a joint tower has no scores, only comparisons')
      const n = items.length
      wantLength('out', out, users.count * n)
      call.users(users, 8 * n + 64)
      const from = call.own
      const to = (from + 4 * n + 31) & ~15
      kernel.ints.set(items, from / 4)
      if (kernel.idsWithin(from, n, 0, store.items) === 0) {
        wantIds('items', items, 0, n, 0, store.items)
      }
      for (let k = 0; k < users.count; k++) {
        kernel.score(k, from, n, to)
        out.set(kernel.floats.subarray(to / 4, to / 4 + n), k * n)
      }
    },
    scoreAll(users, n, weight = 1, onto) {
      if (joint) throw new RangeError('a joint tower has no scores, only comparisons')
      if (users.count < 1) throw new RangeError('scoreAll needs a user; users.count is 0')
      if (!(n >= 0 && n <= store.items)) throw new RangeError(`${n} items of ${store.items}`)
      call.users(users, 4 * n + 64)
      if (onto !== undefined) {
        wantLength('onto', onto, n)
        kernel.floats.set(onto.length === n ? onto : onto.subarray(0, n), call.own / 4)
      }
      kernel.scoreAll(n, call.own, weight, onto === undefined ? 0 : 1)
      return kernel.floats.subarray(call.own / 4, call.own / 4 + n)
    },
    compare(users, first, second, count, out) {
      rankers.forget()
      if (users.count < 1) throw new RangeError('compare needs a user; users.count is 0')
      wantLength('out', out, count)
      wantLength('first', first, count)
      wantLength('second', second, count)
      wantIds('first', first, 0, count, 0, store.items)
      wantIds('second', second, 0, count, 0, store.items)
      const bytes = (4 * count + 31) & ~15
      call.users(users, 4 * bytes)
      const from = call.own
      kernel.ints.set(first.subarray(0, count), from / 4)
      kernel.ints.set(second.subarray(0, count), (from + bytes) / 4)
      const to = from + 3 * bytes
      kernel.compare(from, from + bytes, count, from + 2 * bytes, to)
      out.set(kernel.floats.subarray(to / 4, to / 4 + count))
    },
    pairwiseRanker: (users) => (joint ? rankers.of(users) : undefined),
    tensors() {
      rankers.forget()
      return tensorsOf(store)
    },
    restore(tensors) {
      rankers.forget()
      restoreStore(store, tensors)
      rows?.tellAll()
    },
  }
}

/** Rows that there is room for, of all tables. */
function capacityOf({ layout }: Store): number {
  return layout.tables.reduce((sum, { capacity }) => sum + capacity, 0)
}
