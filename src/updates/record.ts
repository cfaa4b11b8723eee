// What one worker of a group appends to the update log: what it has learned and counted since its last record, and
// which events of the input that reflects. Items go by name, because every worker numbers them by itself.

/** Rows of one table and by how much they moved. */
export interface MovedRows {
  readonly table: string
  /** Numbers in a row. */
  readonly width: number
  /** 0 and more: the row of the item names[k]; below: row -1 - k of a table, or of a part of it, that has no items. */
  readonly rows: Int32Array
  /** (rows.length × width) */
  readonly values: Float32Array
  /** The same as steps; left out: the values are no steps. */
  readonly rounded?: Steps | undefined
}

/** Rows of numbers, each this many steps, which are powers of two. */
export interface Steps {
  /** How many neighbouring numbers of a row have the same step, from the first on. */
  readonly groups: readonly number[]
  /** (rows × groups) the powers. */
  readonly exponents: Int8Array
  /** (rows × width) */
  readonly steps: Int8Array
}

/** Events to count, in the order in which they were learned. Items are places in the record's names. */
export interface CountedEvents {
  readonly items: Int32Array
  /** The history of event k before it, newest first: historyItems[historyStart[k] … historyStart[k+1]). */
  readonly historyStart: Int32Array
  readonly historyItems: Int32Array
  /** How much of an event each counts; empty: all count 1. */
  readonly weights: Float32Array
}

/** The records from … to-1 of a stream of the input are reflected in an update. */
export interface LearnedRange {
  readonly stream: string
  readonly from: number
  readonly to: number
}

/**
 * The author begins to learn the stream. `epoch`: one more than that of the claim before it, which the author has read;
 * a claim that others were faster than does not count. `from`: where the author can begin at the earliest; it begins
 * where learning stands, if that is later.
 */
export interface Claim {
  readonly stream: string
  readonly epoch: number
  readonly from: number
}

export interface UpdateRecord {
  /** One start of one worker: no two starts share it. */
  readonly author: string
  /** Counts the records of the author from 1, so that a record that was written twice is known again. */
  readonly sequence: number
  readonly claims: readonly Claim[]
  readonly learned: readonly LearnedRange[]
  readonly names: readonly string[]
  readonly moved: readonly MovedRows[]
  readonly events: CountedEvents
}
