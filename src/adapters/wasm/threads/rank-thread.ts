// The entry of a thread that ranks beside the trainer: it sleeps until there is a scan, and then takes pieces of it
// until none is left.

import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import { join } from '../kernel/module.ts'
import { ENDED, type RankThreadStart, type ScanBinding, SIGNAL } from './thread-protocol.ts'

/** How often it looks before it goes to sleep: about as long as the trainer needs between two scans of a list. */
const looks = 50_000

const { control, port } = workerData as RankThreadStart

function work(): void {
  let takePieces: (() => number) | undefined
  let seen = 0
  for (;;) {
    for (let n = 0; n < looks && Atomics.load(control, SIGNAL) === seen; n++);
    Atomics.wait(control, SIGNAL, seen)
    seen = Atomics.load(control, SIGNAL)
    let message = receiveMessageOnPort(port)
    for (; message !== undefined; message = receiveMessageOnPort(port)) {
      const { module, memory } = message.message as ScanBinding
      takePieces = join<{ work(): number }>(module, memory).work
    }
    if (Atomics.load(control, ENDED) === 1) return
    takePieces?.()
  }
}

try {
  work()
} catch (cause) {
  port.postMessage(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
  throw cause
}
