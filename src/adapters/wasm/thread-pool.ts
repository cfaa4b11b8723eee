// Threads that share an update with the calling thread (src/kernel/thread-pool.ts). Each one has an instance of the
// kernel in the network's memory, with globals of its own. They sleep between updates and do not hold the process up.

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { placeNames } from './global-names.ts'
import type { Machine } from './memory-map.ts'
import {
  type Binding,
  CHANGED,
  DRAWS,
  type MateStart,
  PLACED,
  PRESENT,
  SIGNAL,
  VALUES,
} from './thread-protocol.ts'

const startMsMax = 30_000

export interface Crew {
  /** Threads in all, this one counted. */
  readonly members: number
  /** One update for the machine's draws of this call; returns the sum of their losses. Waits for all threads. */
  learn(machine: Machine, count: number): number
}

interface Mate {
  readonly port: MessagePort
  readonly board: Float64Array
}

/** Threads begin with the first update that they share. */
export function createCrew(members: 2 | 4): Crew {
  const control = new Int32Array(new SharedArrayBuffer(16))
  let mates: readonly Mate[] | undefined
  let failure: Error | undefined
  /** Whom the threads are bound to, and what of it they have been told. */
  const told: { machine?: Machine; changes: number; placed: number } = { changes: -1, placed: -1 }

  function start(): Mate[] {
    const started = Array.from({ length: members - 1 }, () => {
      const { port1, port2 } = new MessageChannel()
      const workerData: MateStart = { control, port: port2, members }
      const entry = new URL('./pool-thread.js', import.meta.url)
      // What this process was started with need not suit a thread: --input-type, say, stops one with a file.
      const worker = new Worker(entry, { workerData, transferList: [port2], execArgv: [] })
      worker.on('error', (cause) => {
        failure ??= cause as Error
      })
      worker.unref()
      port1.unref()
      const values = VALUES + placeNames.length
      return { port: port1, board: new Float64Array(new SharedArrayBuffer(8 * values)) }
    })
    for (let here = 0; here < members - 1; here = Atomics.load(control, PRESENT)) {
      if (Atomics.wait(control, PRESENT, here, startMsMax) !== 'timed-out') continue
      throw new Error(`${members - 1} threads were to begin, ${here} have after ${startMsMax} ms`)
    }
    return started
  }

  function bind(machine: Machine, to: readonly Mate[]): void {
    const { kernel, placed } = machine
    const isNew = told.machine !== machine
    if (!isNew && told.changes === kernel.changes && told.placed === placed) return
    to.forEach(({ port, board }, n) => {
      const own = machine.mates[n]!
      placeNames.forEach((name, at) => {
        board[VALUES + at] = own.get(name) ?? kernel.values.get(name) ?? 0
      })
      board[CHANGED]!++
      board[PLACED] = placed
      if (!isNew) return
      const { module, memory } = kernel
      port.postMessage({ module, memory, board } satisfies Binding)
    })
    told.machine = machine
    told.changes = kernel.changes
    told.placed = placed
  }

  return {
    members,
    learn(machine, count) {
      if (failure !== undefined) throw failure
      mates ??= start()
      bind(machine, mates)
      Atomics.store(control, DRAWS, count)
      Atomics.add(control, SIGNAL, 1)
      Atomics.notify(control, SIGNAL)
      const loss = machine.kernel.learn(count, 0, members)
      if (machine.kernel.hasFailed() === 0) return loss
      failure = new Error('a thread that shared an update has failed; the network is half updated')
      throw failure
    },
  }
}
