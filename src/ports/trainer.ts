// The side that learns, as the main side sees it: in place (one thread, deterministic) or in its own thread.
//
// offer() resolves when the bounded queue holds the batch: that is the back-pressure of the whole worker. Meanwhile
// `onWait` is called whenever the trainer has come further, so a trainer that hangs does not pass for a busy one.
// Batches of one stream are offered in order. Reports arrive through the callback given at creation, in
// order. drain() resolves when everything offered before it is remembered, learned and ranked and its
// reports were delivered. What was read from the store (a snapshot) is no event: it waits in the same queue, but does
// not fill it. Once the trainer has failed for good, any call rejects with that Failure (TRAINER_FAILED,
// or what its checkpoints say), and `failed` resolves with it, for those who make no call.

import type { Failure } from '../errors.ts'
import type { TrainerBatch } from '../messages.ts'
import type {
  Answer,
  GroupState,
  ItemsTold,
  Question,
  RolledBack,
  UpdateBatch,
} from '../requests.ts'

export interface Trainer {
  readonly failed: Promise<Failure>
  offer(batch: TrainerBatch, onWait?: () => void): Promise<void>
  /** Events that wait, and entries of snapshots that do. */
  waiting(): { readonly events: number; readonly snapshots: number }
  drain(): Promise<void>
  /**
   * Writes a checkpoint of everything taken so far and resolves with its generation; with that of the one before while
   * a scan of the store is under way.
   */
  checkpoint(): Promise<number>
  ask<Q extends Question>(question: Q): Promise<Answer<Q>>
  /**
   * Puts everything learned back to the newest checkpoint that had seen at most `eventsMax` events (0: the newest
   * there is); what is remembered and where the input stands stays. undefined: there is no such checkpoint.
   */
  rollBack(eventsMax: number): Promise<RolledBack | undefined>
  /** Ranks these users again and reports their lists, whether changed or not. Resolves before they come. */
  relist(users: Int32Array): Promise<void>
  /** What may be listed from now on; returns on how many items the word could not be kept. */
  items(told: ItemsTold): Promise<number>
  /** Learning as one of a group. Its calls reject with a RangeError where the trainer was started without one. */
  readonly group: GroupLearning
  /** Nothing is learned, ranked or saved from here on; ask() is still answered. */
  freeze(): Promise<void>
  /** Stops after the event in hand. Does not write a checkpoint. */
  close(): Promise<void>
}

/**
 * What a trainer gives to the update log, as bytes, and takes from it. An event is learned if its stream is owned and
 * it stands at or behind the position; any other one only changes positive sets and lists. So batches of a stream are
 * offered once a claim of it was read back, from the position or before it on.
 */
export interface GroupLearning {
  /**
   * Reads on in the update log, in one line with offer(). Resolves when the model has what the records say, which it
   * has before it works on events that wait. Then positions that are safe to commit are reported: they are never beyond
   * what the log says was learned.
   */
  read(batch: UpdateBatch): Promise<GroupState>
  /**
   * What was learned since the last call, to be appended in order; empty where that is nothing, or isLost. Finishes the
   * batch in hand first. `releases`: from here on no stream is owned until a claim was read back.
   */
  take(releases?: boolean): Promise<Uint8Array[]>
  /** A record that claims the streams, to be appended. Once it was read back, GroupState.owned says which are owned. */
  claim(streams: readonly string[]): Promise<Uint8Array>
}

/** What a start reads of the positive store, beside the work. */
export interface StoreReading {
  /** All users, because there is no checkpoint. */
  readonly scans: boolean
  /** The users that the checkpoint knows. */
  readonly checks: boolean
}
