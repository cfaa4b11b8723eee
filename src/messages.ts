// What the main side (I/O) gives to the trainer's side (CPU), and what that reports. It is plain data, so it can be
// posted to a thread, which gets copies of the arrays. What can be asked meanwhile is in requests.ts.

import type { Evictions, IdChange, ListSource, Position, Positions } from './types.ts'

/** Dense ids are given by the main side in order of first appearance; new names come with the batch. */
export interface TrainerBatch {
  readonly stream: string
  /**
   * What the store holds, not what the stream says: from now on its users have exactly the items of the batch, those in
   * `forgotten` none. They count for popularity and co-occurrence, but nothing is predicted or learned.
   */
  readonly snapshot: boolean
  /**
   * The events are history: learned in full however many wait, their lists made once all of the history was read.
   * `left`: records of it still to come. Absent: live events.
   */
  readonly history?: { readonly left: number } | undefined
  /** Offset after the last record of the batch, also of records that were not interactions. */
  readonly nextOffset: number
  /** When the records were read, in monotonic ms of the main side. */
  readonly readMs?: number
  readonly newUsers: readonly string[]
  readonly newItems: readonly string[]
  /** Ids that stand for others from some event of the batch on, in order. Absent: none. */
  readonly changedUsers?: readonly IdChange[]
  readonly changedItems?: readonly IdChange[]
  /** One entry per event. */
  readonly users: Int32Array
  readonly items: Int32Array
  /** Event times in ms. */
  readonly times: Float64Array
  readonly actions: Uint8Array
  /** What each ADD is worth, as eventCode() of strength.ts has it. Absent: all are full and measured. */
  readonly strengths?: Uint16Array
  readonly offsets: Float64Array
  /** Events that only the store remembers: not among those above, only counted. */
  readonly stored?: number
  /** Users to forget, after the events. */
  readonly forgotten: Int32Array
  /** Counts of the records that were not interactions, by reason, for the books of the checkpoint. */
  readonly dead: Readonly<Record<string, number>>
  readonly skipped: Readonly<Record<string, number>>
  /** How to recognise the store again: kept in the checkpoint, so that it is as old as the rest. */
  readonly storeMark?: StoreMark | undefined
  /** How the source recognises the stream again, kept beside its position. */
  readonly streamMark?: string | undefined
  /** The last snapshot of a reading of the whole store: the trainer now knows all that it holds. */
  readonly snapshotsEnd?: true
  /** From here on only lists of users of these streams go out, with versions above the base. */
  readonly assignment?: AssignedStreams
  /** Users of the stream of whom it is kept outside that a list is owed, the most recently active first. */
  readonly owed?: readonly OwedList[]
}

/** A user, and the offset of the newest record that their list is to reflect. */
export type OwedList = readonly [user: number, offset: number]

/** What a stream owes lists for, because its past was read and not yet listed, and what it no longer does. */
export interface OwedLists {
  readonly stream: string
  readonly owed: readonly OwedList[]
  readonly settled: readonly OwedList[]
}

export interface AssignedStreams {
  readonly streams: readonly string[]
  /** Of the streams, those that others may have worked on since this worker did. */
  readonly gained: readonly string[]
  readonly versionBase: number
  /** Nobody else has any: lists of users whose stream is not known may go out, too. */
  readonly alone?: boolean
  /** Nobody is due a list for what was read before: those records come again. */
  readonly dropsDue?: true
}

/** What a store says of itself: which start of a worker it has seen last, and when (ms since the epoch). */
export interface StoreMark {
  readonly epoch: number
  readonly beat: number
}

export const addAction = 1
export const removeAction = 0

/** A refreshed list in dense ids. */
export interface RankedList {
  readonly user: number
  readonly items: Int32Array
  readonly scores: Float32Array
  readonly beatsNext: Float32Array
  readonly modelVersion: number
  readonly newestEvent: number
  readonly position: Position
  readonly source: ListSource
  /** The user has no new event; the model has changed. */
  readonly restated?: true
}

/** HR@10 and NDCG@10 sums over scored events; divide by events. */
export interface QualitySums {
  events: number
  hits: number
  ndcg: number
}

export const rankers = ['model', 'popularity', 'recent', 'itemKnn'] as const
export type Ranker = (typeof rankers)[number]
export const segments = ['all', 'last30', 'cold', 'warm', 'window'] as const
export type Segment = (typeof segments)[number]

/** What the trainer's side says of itself, at most a few times a second. Counters only grow. */
export interface TrainerStats {
  readonly events: number
  readonly repeats: number
  readonly removals: number
  readonly users: number
  readonly items: number
  readonly positives: number
  /** Items that users have beyond their positive sets. */
  readonly earlierItems: number
  /** Items that were given up because a user had more than even that bound: they may be listed again. */
  readonly itemsForgotten: number
  readonly steps: number
  readonly triplets: number
  readonly loss: number
  readonly drawsRejected: number
  readonly usersSaturated: number
  /** Of the trainer's time since the last report. */
  readonly learningShare: number
  /** Time spent on events so far: predicting, remembering, learning, counting. */
  readonly learningSeconds: number
  /** Of the full number of draws that each event gets. */
  readonly effort?: number
  /** Events that got less than the full work and are still to be learned in full. */
  readonly debtEvents: number
  /** Events that will never be learned in full: more were owed than the bound allows. */
  readonly debtGivenUp: number
  /** Events that were remembered and not learned, because their user had had more than a fair share. */
  readonly excessEvents: number
  /** Whose event was the last of them; undefined: there was none since the start. */
  readonly excessUser?: string
  /** Share of the work that the newest events did not get. */
  readonly shedShare: number
  readonly listsRanked: number
  readonly listsUnchanged: number
  /** Ranked more than a quarter of a second after they were due. */
  readonly listsLate: number
  /** Ranked again because an item in them may not be listed any more. */
  readonly listsWithdrawn: number
  /** Items of the model that may not be listed now. */
  readonly itemsUnlisted: number
  readonly queuedEvents: number
  readonly modelVersion: number
  readonly bytes: number
  readonly newItemsUnscored: number
  /** See Prequential.leftOut. */
  readonly leftOutUnscored: number
  /** The largest norm of a learned row, as far as was looked at lately; Infinity for a row that is no number. */
  readonly norm?: number
  readonly quality: Readonly<Record<Segment, Readonly<Record<string, QualitySums>>>>
  readonly forgetting: { readonly before: number; readonly after: number; readonly users: number }
  readonly weights: Readonly<Record<string, number>>
  /** Records that were not interactions, by reason, since the first start. */
  readonly dead: Readonly<Record<string, number>>
  readonly skipped: Readonly<Record<string, number>>
  /** Since the start. */
  readonly evictions?: Evictions
}

export interface CheckpointWritten {
  readonly generation: number
  /** Written for it. */
  readonly bytes: number
  /** Of all that it is made of. */
  readonly size: number
  readonly ms: number
  /** The longest time for which it kept the trainer from anything else. */
  readonly pauseMs: number
  /** Of a worker of a group: the offset in the update log from which a start from this checkpoint goes on. */
  readonly updatesNext?: number
}

export type TrainerReport =
  /** What computes, and why not something else. */
  | { readonly kind: 'engine'; readonly name: string; readonly note: string }
  | {
      readonly kind: 'lists'
      readonly lists: readonly RankedList[]
      readonly evictions?: Evictions
    }
  /** `evictions`: of users, one for each of them. */
  | {
      readonly kind: 'forgotten'
      readonly users: Int32Array
      readonly evictions?: Int32Array
      readonly modelVersion: number
    }
  | { readonly kind: 'stats'; readonly stats: TrainerStats }
  /**
   * Every list that follows from the records before these positions was reported before, but those that are owed.
   * `evictions`: of users, when the ids in `owed` stood for those they are meant for.
   */
  | {
      readonly kind: 'safeToCommit'
      readonly positions: Positions
      readonly modelVersion: number
      readonly owed?: readonly OwedLists[]
      readonly evictions?: number
    }
  | ({ readonly kind: 'checkpoint' } & CheckpointWritten)
  /** One was due, and nothing has changed since this generation. */
  | { readonly kind: 'checkpointCurrent'; readonly generation: number }
  /** It could not be written now and is tried again when the next one is due. */
  | { readonly kind: 'checkpointFailed'; readonly code: string; readonly message: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
