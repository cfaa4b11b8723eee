// What the calling thread and the threads of its pool (pool-thread.ts), or those that rank with it (rank-thread.ts),
// share: words of shared memory, and messages.

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { Memory } from '../../../arrays.ts'

/** How often a thread looks for work before it goes to sleep: about as long as a trainer needs between two steps. */
const looks = 50_000

/** Indices of the control words: updates started, draws of the current update, threads that run. */
export const SIGNAL = 0
export const DRAWS = 1
export const PRESENT = 2
/** Indices of a board: how often its values changed, the version of their memory layout, and where the values begin. */
export const CHANGED = 0
export const LAYOUT_VERSION = 1
export const VALUES = 2

/** What a thread gets when it starts. */
export interface PoolThreadStart {
  readonly control: Int32Array
  readonly port: MessagePort
  readonly threads: number
}

/** The network whose updates a thread shares from now on. */
export interface Binding {
  readonly module: object
  readonly memory: Memory
  readonly board: Float64Array
}

/** Of the threads that rank: index of the control word, beside SIGNAL, that tells whether they are to end. */
export const ENDED = 1

/** What a thread gets when it starts to rank. */
export interface RankThreadStart {
  readonly control: Int32Array
  readonly port: MessagePort
}

/** The scan that a thread takes pieces of from now on. */
export interface ScanBinding {
  readonly module: object
  readonly memory: Memory
}

/**
 * Waits until SIGNAL is no longer `seen`, at first awake and then asleep, and hands on the messages that have come by
 * then. Returns what SIGNAL is.
 */
export function awaitSignal<Message>(
  { control, port }: RankThreadStart,
  seen: number,
  take: (message: Message) => void,
): number {
  for (let n = 0; n < looks && Atomics.load(control, SIGNAL) === seen; n++);
  Atomics.wait(control, SIGNAL, seen)
  const signal = Atomics.load(control, SIGNAL)
  let received = receiveMessageOnPort(port)
  for (; received !== undefined; received = receiveMessageOnPort(port)) take(received.message)
  return signal
}
