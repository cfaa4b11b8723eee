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

/** What the main side posts to the trainer's thread; every request is answered with its number. */
export type ToTrainer =
  | { readonly kind: 'take'; readonly batch: TrainerBatch }
  | { readonly kind: 'drain'; readonly number: number }
  | { readonly kind: 'checkpoint'; readonly number: number }
  | { readonly kind: 'ask'; readonly number: number; readonly question: Question }
  | { readonly kind: 'rollBack'; readonly number: number; readonly eventsMax: number }
  | { readonly kind: 'relist'; readonly number: number; readonly users: Int32Array }
  | { readonly kind: 'items'; readonly number: number; readonly told: ItemsTold }
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
