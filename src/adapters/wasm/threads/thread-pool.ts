// Threads that share an update with the calling thread (src/kernel/thread-pool.ts). Each one has an instance of the
// kernel in the network's memory, with globals of its own. They sleep between updates, and do not keep the process
// alive.

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { globalNames } from '../kernel/global-names.ts'
import type { NetworkMemory } from '../memory/memory-map.ts'
import {
  type Binding,
  CHANGED,
  DRAWS,
  LAYOUT_VERSION,
  type PoolThreadStart,
  PRESENT,
  SIGNAL,
  VALUES,
} from './thread-protocol.ts'

const startMsMax = 30_000

export interface ThreadPool {
  /** All threads, including the calling one. */
  readonly threads: number
  /** Learns the draws of this call in one update, and returns the sum of their losses. Waits for all threads. */
  learn(memory: NetworkMemory, count: number): number
}

interface PoolThread {
  readonly port: MessagePort
  readonly board: Float64Array
}

/** The threads start with the first update that they share. */
export function createThreadPool(threads: 2 | 4): ThreadPool {
  const control = new Int32Array(new SharedArrayBuffer(16))
  let otherThreads: readonly PoolThread[] | undefined
  let failure: Error | undefined
  /** Which network the threads are bound to, and which of its changes they have been told. */
  const told: { memory?: NetworkMemory; changes: number; layoutVersion: number } = {
    changes: -1,
    layoutVersion: -1,
  }

  function start(): PoolThread[] {
    const started = Array.from({ length: threads - 1 }, () => {
      const { port1, port2 } = new MessageChannel()
      const workerData: PoolThreadStart = { control, port: port2, threads }
      const entry = new URL('./pool-thread.js', import.meta.url)
      // The arguments of this process may not suit a thread: --input-type, for instance, refuses one with a file.
      const worker = new Worker(entry, { workerData, transferList: [port2], execArgv: [] })
      worker.on('error', (cause) => {
        failure ??= cause as Error
      })
      worker.unref()
      port1.unref()
      const values = VALUES + globalNames.length
      return { port: port1, board: new Float64Array(new SharedArrayBuffer(8 * values)) }
    })
    for (let here = 0; here < threads - 1; here = Atomics.load(control, PRESENT)) {
      if (Atomics.wait(control, PRESENT, here, startMsMax) !== 'timed-out') continue
      throw new Error(`${threads - 1} threads were to begin, ${here} have after ${startMsMax} ms`)
    }
    return started
  }

  function bind(memory: NetworkMemory, to: readonly PoolThread[]): void {
    const { kernel, layoutVersion } = memory
    const isNew = told.memory !== memory
    if (!isNew && told.changes === kernel.changes && told.layoutVersion === layoutVersion) return
    to.forEach(({ port, board }, n) => {
      const own = memory.otherThreads[n]!
      globalNames.forEach((name, at) => {
        board[VALUES + at] = own.get(name) ?? kernel.values.get(name) ?? 0
      })
      board[CHANGED]!++
      board[LAYOUT_VERSION] = layoutVersion
      if (!isNew) return
      const { module, memory: wasmMemory } = kernel
      port.postMessage({ module, memory: wasmMemory, board } satisfies Binding)
    })
    told.memory = memory
    told.changes = kernel.changes
    told.layoutVersion = layoutVersion
  }

  return {
    threads,
    learn(memory, count) {
      if (failure !== undefined) throw failure
      otherThreads ??= start()
      bind(memory, otherThreads)
      Atomics.store(control, DRAWS, count)
      Atomics.add(control, SIGNAL, 1)
      Atomics.notify(control, SIGNAL)
      const loss = memory.kernel.learn(count, 0, threads, 0)
      if (memory.kernel.hasFailed() === 0) return loss
      failure = new Error('a thread that shared an update has failed; the network is half updated')
      throw failure
    },
  }
}
