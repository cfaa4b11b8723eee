// Where interaction events come from.
//
// The worker calls readBatch() in a loop and works on batches of different streams at once, but on
// those of one stream in order. It calls ack() once everything in the batch is safe: in the positive
// store and in the trainer's queue. A source gives a batch again after a crash if it was not
// acknowledged, so every batch may come twice; it must bound what it has given and not seen
// acknowledged. readBatch() resolves to undefined when the input has ended for good or the signal
// is aborted; it rejects with a Failure: `retry` after its own attempts ended, `stop` when only a
// person can help. close() may be called at any time, waits for nothing but its own resources.

import type { Positions, SourceRecord } from '../types.ts'

export interface EventBatch {
  /** All of one stream, in order of offset, at least one. */
  readonly records: readonly SourceRecord[]
  /** Under which the batch was read; absent where nobody else ever reads. */
  readonly assignment?: Assignment
  /**
   * The records are history, not live: they stood in the stream when this reader got it, or have waited there for long.
   * `left`: records of the history that come after these; 0 for the last. Absent: live records.
   */
  readonly history?: { readonly left: number }
  /** How the source recognises the stream again, as it is after these records: kept in checkpoints beside positions. */
  readonly mark?: string
  /** The work is durable: the source may move its position past these records. */
  ack(): Promise<void>
  /**
   * The work is alive but waits for something outside (a store that does not answer, a full queue): called before
   * every new try, at least every 10 s. A source with a watchdog ends a worker that does not call.
   */
  waiting?(): void
}

export interface EventSource {
  /**
   * Resolves once the input is there and may be read; false: aborted before. Called once, before the worker claims
   * anything that another one may be using; waits and rejects as readBatch() does. Absent: there is nothing to look at.
   */
  examine?(signal: AbortSignal): Promise<boolean>
  readBatch(signal: AbortSignal): Promise<EventBatch | undefined>
  /**
   * All that follows from the acknowledged records before these positions is written too, lists included: a restart
   * may go on behind them. Sources that were not told to wait for this go by ack() alone.
   */
  safeToCommit?(positions: Positions): void
  /** Whether the input was given to this reader; a member of a group is first let in. Absent: always. */
  isAssigned?(): boolean
  /** By stream the offset after its newest record, now. Absent: not to be known. @throws Failure */
  ends?(): Promise<Positions>
  /** Records known to wait behind what was read, or undefined where the source cannot know. Never negative. */
  lag(): number | undefined
  close(): Promise<void>
}

// Where the input is shared with other readers, the source tells whose the streams are; what follows from that for
// lists and positions is decided in publish/ownership.ts. Times are monotonic ms.

/** What a group has given to this reader; a new object whenever that has changed. */
export interface Assignment {
  readonly streams: readonly string[]
  /** The group has no other member: all streams of the input are this reader's. */
  readonly alone?: boolean
}

export interface GroupWatcher {
  /** The group has given this reader these streams, by a request that was sent at `sentMs`. */
  assigned(assignment: Assignment, sentMs: number): void
  /** The group has answered a request that was sent at `sentMs`: until a session later it gives nothing away. */
  heard(sentMs: number): void
  /** The group is being formed anew, or this reader was put out of it. */
  revoked(): void
}

/** Records of the item feed, in the order of each item. */
export interface ItemBatch {
  readonly records: readonly SourceRecord[]
  /** All that was there when the reading began has now been given. */
  readonly isCaughtUp: boolean
}

/**
 * What may be listed, from its first record on, at every start. A worker reads all of it, whoever else does. Nothing is
 * acknowledged: to read a record twice changes nothing, as long as the newest of an item comes last.
 */
export interface ItemSource {
  /**
   * Waits for records. undefined: there will be no more, or the signal was aborted. After a failure that may pass the
   * next call goes on where records were given last. @throws Failure
   */
  readBatch(signal: AbortSignal): Promise<ItemBatch | undefined>
  close(): Promise<void>
}
