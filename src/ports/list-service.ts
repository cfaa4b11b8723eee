// Lists for those who ask for them: applications, by the HTTP API.
//
// Each call takes a turn of the trainer's time and rejects with a Failure when the trainer cannot answer. `k` is 1 or
// more. undefined: nothing is known of the user, or of the item.

import type { Explanation, ServedList } from '../requests.ts'

/** Something that a user chose. `timestamp`: event time in ms; left out: just now. */
export interface HistoryEntry {
  readonly item: string
  readonly timestamp?: number
}

/** `unknown`: items of the history that the model has never seen, which tell it nothing. */
export interface ListForHistory extends ServedList {
  readonly unknown: readonly string[]
}

export interface ListService {
  /** The list that would go out for the user now, also where another worker has the user. */
  forUser(user: string, k: number): Promise<ServedList | undefined>
  /** For whoever has this history, in any order. Without an item that the model knows it is the popular list. */
  forHistory(history: readonly HistoryEntry[], k: number): Promise<ListForHistory>
  /** What somebody should see who has chosen only this item. */
  similar(item: string, k: number): Promise<ServedList | undefined>
  popular(k: number): Promise<ServedList>
  explain(user: string, k: number): Promise<Explanation | undefined>
}
