// The entry of a ranking thread that takes a piece of the first job it sees and fails: it says why, or goes without a
// word, by a variable of the environment.

import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import {
  ENDED,
  type RankThreadStart,
  type ScanBinding,
  SIGNAL,
} from '../../../src/adapters/wasm/threads/thread-protocol.ts'
import { scanLeftAt } from '../../../src/kernel/constants.ts'

const { control, port } = workerData as RankThreadStart

/** False where the threads are to end before there is a job. */
function takeOne(left: Int32Array): boolean {
  while (Atomics.load(control, ENDED) === 0) {
    const pieces = Atomics.load(left, scanLeftAt / 4)
    if (pieces === 0) continue
    if (Atomics.compareExchange(left, scanLeftAt / 4, pieces, pieces - 1) === pieces) return true
  }
  return false
}

Atomics.wait(control, SIGNAL, 0)
const { memory } = receiveMessageOnPort(port)!.message as ScanBinding
const took = takeOne(new Int32Array(memory.buffer as SharedArrayBuffer, 0, 64))
if (took && process.env.FAILING_RANK_THREAD === 'says') {
  port.postMessage('no more')
  throw new Error('no more')
}
