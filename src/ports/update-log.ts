// The log to which the workers of a group append what they have learned, and which all of them read: one order of
// records for everybody. A record has an offset; that of a later record is higher.
//
// append() resolves when the record is safe behind all that were there. Records of one worker that are appended one
// after the other stand in that order. After a failure that may pass it is not known whether the record is there: it
// is appended again, and readers know a record again that they have read.
//
// read() gives the records from an offset on, some at a time, and goes on with what comes. It ends when the signal is
// aborted. Where records from that offset on were deleted, it rejects with RECORDS_EXPIRED, and with TOPIC_RECREATED
// where the log ends before the offset. Failures that may pass end it, too: it is called again.

import type { Checkpoint } from './checkpoint-store.ts'

export interface LoggedRecord {
  readonly offset: number
  readonly value: Uint8Array
}

/** At least one record, in order. */
export interface LoggedRecords {
  readonly records: readonly LoggedRecord[]
  /** Offset after the newest record of the log, as far as that is known. */
  readonly end: number
}

export interface UpdateLogBounds {
  /** Offset of the oldest record that is kept. */
  readonly begin: number
  /** Offset after the newest record: 0 in a log that nothing was ever appended to. */
  readonly end: number
}

export interface UpdateLog {
  /** Resolves with the offset of the record. @throws Failure */
  append(value: Uint8Array): Promise<number>
  /** Of now. @throws Failure */
  bounds(): Promise<UpdateLogBounds>
  /** @throws Failure */
  read(from: number, signal: AbortSignal): AsyncIterable<LoggedRecords>
  close(): Promise<void>
}

/** What a worker starts from that has no checkpoint, or one from before the beginning of the log: kept by the group. */
export interface BaseStore {
  /** Resolves with the bytes written. @throws Failure */
  write(base: Checkpoint): Promise<number>
  /** The newest one that is whole; undefined: there is none, or it was aborted. @throws Failure */
  latest(signal: AbortSignal): Promise<Checkpoint | undefined>
  close(): Promise<void>
}
