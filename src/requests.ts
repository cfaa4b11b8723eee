// What the trainer can be asked while it works, what it answers, and how both are posted between the two threads. Plain
// data, as in messages.ts.

import type { TrainerBatch, TrainerReport, TrainerStats } from './messages.ts'
import type { ItemState, ListedItem, ListSource } from './types.ts'

export type Question =
  | { readonly kind: 'stats' }
  /** `at`, here and below: the moment the list is for, in ms of event time; else the user's newest event. */
  | {
      readonly kind: 'explain'
      readonly user: string
      readonly k: number
      readonly at?: number
    }
  /** The list that would go out for a user now. undefined: the trainer does not have the user's newest history. */
  | {
      readonly kind: 'list'
      readonly user: string
      readonly k: number
      readonly at?: number
    }
  /** A list for whoever has this history. */
  | { readonly kind: 'rank'; readonly history: AskedHistory; readonly k: number }
  /** What is popular now, for those of whom nothing is known. */
  | { readonly kind: 'popular'; readonly k: number }

export interface AskedHistory {
  /** Dense ids in order of time, oldest first, each once. */
  readonly items: readonly number[]
  /** Event time of each in ms, ascending. */
  readonly times: readonly number[]
  /** The moment the list is for, in ms of event time; no earlier than the newest of the times. */
  readonly at: number
  /** Whose history it is, where that is known: the part with a row a user has something to say then. */
  readonly user?: string
  /** Of the items those that may be listed all the same. */
  readonly listable?: readonly number[]
}

/** A list as it is given to those who ask for it. */
export interface ServedList {
  readonly source: ListSource
  /** As in the lists that go out: grows with every event learned, over restarts too. */
  readonly modelVersion: number
  /** Best first. */
  readonly items: readonly ListedItem[]
}

export interface Explanation {
  readonly user: string
  readonly positives: readonly { readonly item: string; readonly timestamp: number }[]
  readonly source: ListSource
  readonly items: readonly {
    readonly item: string
    /** P(preferred to the best item that is not listed). */
    readonly score: number
    /** P(preferred to the next item). */
    readonly beatsNext: number
    /** What each part gave to the fused score. */
    readonly parts: Readonly<Record<string, number>>
    /**
     * Items of the history that pulled this one up most: by how much more it would fall behind without each than
     * an average item.
     */
    readonly because: readonly { readonly item: string; readonly gave: number }[]
  }[]
}

export type Answer<Q extends Question> = Q extends { kind: 'stats' }
  ? TrainerStats
  : Q extends { kind: 'explain' }
    ? Explanation | undefined
    : Q extends { kind: 'list' }
      ? ServedList | undefined
      : ServedList

/** What the learned tables went back to: a checkpoint, and how many events it had seen. */
export interface RolledBack {
  readonly generation: number
  readonly events: number
}

/** What the item feed says. */
export interface ItemsTold {
  readonly states: readonly ItemState[]
  /** Everything that it had said before the start has now been told: lists may go out. */
  readonly isComplete?: boolean
}

/** How a worker of a group learns: see updates/member.ts. Absent: it shares nothing. */
export interface GroupSpec {
  /** One start of one worker: no two starts share it. */
  readonly author: string
  /** Numbers that a record of the update log may hold. */
  readonly numbersMax: number
}

/** Records of the update log, in its order, none left out. */
export interface UpdateBatch {
  /** Names that have got the next dense ids of items. */
  readonly newItems: readonly string[]
  readonly records: readonly {
    readonly offset: number
    /** As it stands in the log. */
    readonly bytes: Uint8Array
    /** By the places of its names, the dense ids of the items; -1: none was free. What it says of these is left out. */
    readonly ids: Int32Array
  }[]
}

/** Why a record of the update log does not count. `unreadable`: it is no whole record. */
export type NotCounted = 'repeated' | 'not_owner' | 'out_of_order' | 'unreadable'

/** What a worker of a group knows after it has read the update log up to `next`. */
export interface GroupState {
  /** Of the records just read, in their order. */
  readonly verdicts: readonly {
    readonly author: string
    readonly sequence: number
    readonly passedOver?: NotCounted
    /** What is wrong with an unreadable one. */
    readonly detail?: string
    /** Records of the input that a claim has left out: nobody learns them. */
    readonly leftOut: number
    /** Events that it has brought, learned by its author. */
    readonly events: number
    /** Tables that this worker has none of, or with other rows: what the record says of them is left out. */
    readonly foreign?: readonly string[]
  }[]
  /** Offset in the log from which to go on. */
  readonly next: number
  /** Records of the input that the group has learned. */
  readonly learned: number
  /** Own records that were not read back yet. */
  readonly pending: number
  /**
   * Something that was learned here does not count, because another worker has its stream. Nothing is learned, but kept
   * for later, until all own records were read back; then what is still this worker's is learned again, by itself.
   */
  readonly isLost: boolean
  /** Streams that are learned here, and the position up to which the log says that each was learned. */
  readonly owned: readonly (readonly [stream: string, position: number])[]
  /** The same of all streams that the log tells of, with their owners. */
  readonly streams: readonly (readonly [stream: string, position: number, owner: string])[]
  /** Items of records that found no id here, since the start. */
  readonly unknownItems: number
}

/** What the main side posts to the trainer's thread; every request is answered with its number. */
export type ToTrainer =
  | { readonly kind: 'take'; readonly batches: readonly TrainerBatch[] }
  | { readonly kind: 'drain'; readonly number: number }
  | { readonly kind: 'checkpoint'; readonly number: number }
  | { readonly kind: 'ask'; readonly number: number; readonly question: Question }
  | { readonly kind: 'rollBack'; readonly number: number; readonly eventsMax: number }
  | { readonly kind: 'relist'; readonly number: number; readonly users: Int32Array }
  | { readonly kind: 'items'; readonly number: number; readonly told: ItemsTold }
  | { readonly kind: 'readUpdates'; readonly number: number; readonly batch: UpdateBatch }
  | { readonly kind: 'takeUpdate'; readonly number: number; readonly releases: boolean }
  | { readonly kind: 'claimStreams'; readonly number: number; readonly streams: readonly string[] }
  | { readonly kind: 'freeze'; readonly number: number }
  | { readonly kind: 'close'; readonly number: number }

/** What comes back. `taken`: events worked on since the last such message, which gives room in the queue. */
export type FromTrainer =
  | { readonly kind: 'report'; readonly report: TrainerReport }
  | { readonly kind: 'taken'; readonly events: number }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: unknown }
  | {
      readonly kind: 'refused'
      readonly number: number
      readonly code: string
      readonly message: string
    }
