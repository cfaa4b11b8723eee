// Threads that share the scan of a catalogue with the thread that ranks (src/kernel/scan/pieces.ts). They look only
// while that one waits for them, so nothing changes under their eyes. They start with the first scan that is worth it,
// sleep between two of them, and do not keep the process alive.

import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { Memory } from '../../../arrays.ts'
import { Failure } from '../../../errors.ts'
import { moduleOf } from '../kernel/module.ts'
import { ENDED, type RankThreadStart, type ScanBinding, SIGNAL } from './thread-protocol.ts'

export interface RankThreads {
  /** There is a job in the memory of a scan. Nobody has to come: the caller works on it, too. */
  wake(memory: Memory): void
  /**
   * Asks `isDone` again and again whether everything is done; a call of it waits for at most `ms` milliseconds.
   * @throws Failure where a thread has failed, or does nothing any more
   */
  waitUntil(isDone: (ms: number) => boolean): void
  /** Resolves when all have ended. */
  close(): Promise<void>
}

interface RankThread {
  readonly worker: Worker
  readonly port: MessagePort
  readonly ended: Promise<unknown>
}

export interface RankThreadsOptions {
  readonly count: number
  /** What a thread runs, if not rank-thread.ts. */
  readonly entry?: URL
  /** For how long a thread may work on a piece: it takes less than one. */
  readonly patienceMs?: number
}

/** How often it is looked whether a thread that is waited for has failed. */
const lookMs = 100

export function createRankThreads(options: RankThreadsOptions): RankThreads {
  const { count, patienceMs = 30_000 } = options
  const entry = options.entry ?? new URL('./rank-thread.js', import.meta.url)
  const control = new Int32Array(new SharedArrayBuffer(8))
  let threads: readonly RankThread[] | undefined
  let bound: Memory | undefined
  let failure: string | undefined

  function start(): RankThread {
    const { port1, port2 } = new MessageChannel()
    const workerData: RankThreadStart = { control, port: port2 }
    // The arguments of this process may not suit a thread: --input-type, for instance, refuses one with a file.
    const worker = new Worker(entry, { workerData, transferList: [port2], execArgv: [] })
    worker.on('error', (cause: Error) => {
      failure ??= cause.message
    })
    const ended = new Promise((resolve) => worker.on('exit', resolve))
    worker.unref()
    port1.unref()
    return { worker, port: port1, ended }
  }

  /** @throws Failure where a thread has failed */
  function check(): void {
    // Not by an event: this thread may wait for the others without coming back to its events.
    for (const { port } of threads ?? []) {
      const told = receiveMessageOnPort(port)
      if (told !== undefined) failure ??= String(told.message)
    }
    if (failure !== undefined) throw failed(failure)
  }

  return {
    waitUntil(isDone) {
      for (let waitedMs = 0; !isDone(lookMs); waitedMs += lookMs) {
        check()
        if (waitedMs >= patienceMs) throw failed(`its part took more than ${patienceMs} ms`)
      }
    },
    wake(memory) {
      if (control[ENDED] === 1) return
      check()
      threads ??= Array.from({ length: count }, start)
      if (bound !== memory) {
        const binding: ScanBinding = { module: moduleOf('scan'), memory }
        for (const { port } of threads) port.postMessage(binding)
        bound = memory
      }
      Atomics.add(control, SIGNAL, 1)
      Atomics.notify(control, SIGNAL)
    },
    async close() {
      Atomics.store(control, ENDED, 1)
      Atomics.add(control, SIGNAL, 1)
      Atomics.notify(control, SIGNAL)
      for (const { worker } of threads ?? []) worker.ref()
      await Promise.all((threads ?? []).map(({ ended }) => ended))
    },
  }
}

function failed(why: string): Failure {
  const what = `a ranking thread has failed (${why})`
  return new Failure('TRAINER_FAILED', `${what}: start again, or with --rank-threads 0`)
}
