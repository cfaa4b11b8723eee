// Where records go that could not be used, whole, with the reason.
//
// The worker acknowledges a batch only after write() of its dead letters has resolved, so a crash may
// write a letter twice but never lose it; (stream, offset) tells repeats apart. Rejects with a Failure.

import type { DeadLetter } from '../types.ts'

export interface DeadLetterSink {
  write(letters: readonly DeadLetter[]): Promise<void>
  close(): Promise<void>
}
