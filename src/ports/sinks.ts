// Where the worker's records go: refreshed lists, and records of the input that could not be used.

import type { DeadLetter, OutRecord } from '../types.ts'

/**
 * write() resolves when the records are safe at the destination (a Kafka acknowledgement, bytes handed to the file), in
 * the order given; the caller has one call under way at a time. It rejects with a Failure (`retry`: call again with the
 * same records; `stop`). The same record may therefore be written twice; readers keep the one with the highest version
 * per key.
 *
 * Where others may write the same keys: `mayGo` is asked as late as can be before anything leaves, and what it refuses
 * never leaves, also not by an earlier call that has rejected. recall() does the same to what is under way.
 *
 * examine() is called before the worker claims anything that another one may be using: it resolves when the destination
 * is there, and rejects as write() does.
 */
export interface ListSink {
  examine?(): Promise<void>
  write(records: readonly OutRecord[], mayGo?: () => boolean): Promise<void>
  recall?(): void
  close(): Promise<void>
}

/**
 * Where records go that could not be used, whole, with the reason. The worker acknowledges a batch only after write()
 * of its dead letters has resolved, so a crash may write a letter twice but never lose it; (stream, offset) tells
 * repeats apart. Rejects with a Failure.
 */
export interface DeadLetterSink {
  write(letters: readonly DeadLetter[]): Promise<void>
  close(): Promise<void>
}
