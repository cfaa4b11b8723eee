// The entry of a thread that ranks beside the trainer: it sleeps until there is a scan, and then takes pieces of it
// until none is left.

import { workerData } from 'node:worker_threads'
import { join } from '../kernel/module.ts'
import { awaitSignal, ENDED, type RankThreadStart, type ScanBinding } from './thread-protocol.ts'

const start = workerData as RankThreadStart

function work(): void {
  let takePieces: (() => number) | undefined
  let seen = 0
  for (;;) {
    seen = awaitSignal(start, seen, ({ module, memory }: ScanBinding) => {
      takePieces = join<{ work(): number }>(module, memory).work
    })
    if (Atomics.load(start.control, ENDED) === 1) return
    takePieces?.()
  }
}

try {
  work()
} catch (cause) {
  start.port.postMessage(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
  throw cause
}
