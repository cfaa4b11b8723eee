// The words every stage shares. Types only: no behaviour, no imports.

export type Action = 'ADD' | 'REMOVE'

/** One thing a user did. `timestamp` is event time in milliseconds since the epoch. */
export interface Interaction {
  readonly user: string
  readonly item: string
  readonly timestamp: number
  readonly action: Action
  /** Absent: nothing but ADD or REMOVE is known of the action. */
  readonly kind?: Kind
}

/** An action as --actions names it; all events of it share one object. */
export interface Kind {
  /** `*` for whatever is not named. */
  readonly name: string
  /** Of an ADD, in (0, 1]: the share that it teaches and counts. */
  readonly weight: number
  /** An ADD that does not keep its item out of lists. */
  readonly listable: boolean
  /** Its events are predicted before they are learned, and measured. */
  readonly measured: boolean
}

/**
 * Whether an item may be in lists, as the item feed says: from `from` on and until `until`, in ms since the epoch, and
 * only while it is available.
 */
export interface ItemState {
  readonly item: string
  readonly available: boolean
  readonly from?: number
  readonly until?: number
}

/**
 * Where a record stands in the input. `stream` names one totally ordered sequence (a file, or
 * `topic/partition`); `offset` counts its records from 0 and never repeats within the stream.
 */
export interface Position {
  readonly stream: string
  readonly offset: number
}

/** For each stream, the offset of the next record to read: all before it are done. */
export type Positions = ReadonlyMap<string, number>

/**
 * One record as a source gives it: not yet trusted, not yet decoded.
 * - `value` are the bytes as they came (a line without its end, a message value), for decoding and
 *   for the dead letters; `null` means «forget the user named by `key`».
 * - `fields` is given by sources that split text into columns themselves (TSV, CSV, `::`): the
 *   column texts by role (user, item, timestamp, action, rating), one that the line lacks left out.
 *   Decoding then reads these and keeps `value` for the dead letters only.
 * - `fault` is given when the source itself could not read the record whole (a line over the
 *   limit, a torn gzip): such a record goes to the dead letters with this reason.
 */
export interface SourceRecord {
  readonly position: Position
  readonly key: string | null
  readonly value: Uint8Array | null
  /** The key as it came, where the source has it: keys may be Avro. */
  readonly keyBytes?: Uint8Array | null
  /** Of the record itself, by the producer's clock or the broker's: ms since the epoch. */
  readonly timestamp?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly fields?: Readonly<Record<string, string>>
  readonly fault?: Fault
}

/** Why a record is not an interaction. `reason` is from a closed list; `detail` is for people. */
export interface Fault {
  readonly reason: DeadLetterReason
  readonly detail: string
}

/**
 * What decoding makes of one record.
 * - `interactions`: a record that holds an array gives one interaction per usable element, at least
 *   one. `fault` says why other elements could not be used: the record then counts as applied and
 *   goes to the dead letters as well, from where it can be replayed without harm.
 * - `skip`: `detail` says more for people, such as the name of the action.
 */
export type Decoded =
  | { readonly kind: 'interaction'; readonly interaction: Interaction }
  | {
      readonly kind: 'interactions'
      readonly interactions: readonly Interaction[]
      readonly fault?: Fault
    }
  | { readonly kind: 'forget'; readonly user: string }
  | { readonly kind: 'skip'; readonly reason: SkipReason; readonly detail?: string }
  | { readonly kind: 'dead'; readonly fault: Fault }

export const deadLetterReasons = [
  'empty',
  'short_frame',
  'bad_magic',
  'unknown_schema',
  'bad_schema',
  'schema_refused',
  'incompatible_schema',
  'decode',
  'not_json',
  'missing_field',
  'wrong_type',
  'too_large',
  'unsafe_long',
  'bad_id',
  'bad_time',
  'bad_action',
  'torn_input',
  'suspect',
] as const
export type DeadLetterReason = (typeof deadLetterReasons)[number]

/**
 * - `tombstone`: a null value behind the deletion of a table's row, which has been read already; `no_key`: a null
 *   value that asks to forget a user and names none; `blank`: an empty line.
 * - `ignored_type`: an action, or a kind of event, that nothing maps; `skipped_action`: one that is
 *   mapped to skip; `low_rating`: below the least rating; `no_elements`: an empty array of items.
 */
export const skipReasons = [
  'tombstone',
  'no_key',
  'ignored_type',
  'blank',
  'skipped_action',
  'low_rating',
  'no_elements',
] as const
export type SkipReason = (typeof skipReasons)[number]

/** Why the publish gate holds lists back. */
export const gateReasons = [
  'loss_not_finite',
  'norms_exploded',
  'below_popularity',
  'below_itself',
] as const
export type GateReason = (typeof gateReasons)[number]

/** A record that could not be used, with everything needed to look at it and to replay it. */
export interface DeadLetter {
  readonly fault: Fault
  readonly position: Position
  readonly key: string | null
  readonly value: Uint8Array | null
}

/** Where a list comes from: the model, or (for a user it knows nothing of) popularity alone. */
export type ListSource = 'PERSONAL' | 'POPULAR'

export interface ListedItem {
  readonly item: string
  /** P(the user prefers this item to the best one that is not listed), in [0, 1]: falls down the list. */
  readonly score: number
}

/** The K best unobserved items of one user, best first. */
export interface TopList {
  readonly user: string
  readonly items: readonly ListedItem[]
  /** Grows with every list a worker writes for a user, over restarts too: the newest wins. */
  readonly modelVersion: number
  /** Milliseconds since the epoch; event time in deterministic runs. */
  readonly generatedAt: number
  /** Event time of the user's newest event that the list reflects. */
  readonly newestEvent: number
  /** The list holds no item that the user had when this record had been applied. */
  readonly position: Position
  readonly source: ListSource
  /** For each item P(the user prefers it to the next one); of the last, its score. Lists before 0.6 have none. */
  readonly beatsNext: readonly number[]
}

/** One record to write to the output: `value` null says the user was forgotten. */
export interface OutRecord {
  readonly key: string
  readonly value: Uint8Array | null
}

/** What one user has: items with the event time of the newest ADD, and of the newest REMOVE. */
export interface UserState {
  readonly user: string
  /** [item, event time in ms], in any order. */
  readonly added: readonly (readonly [string, number])[]
  readonly removed: readonly (readonly [string, number])[]
  /** [item, event time of the newest such ADD, its code (strength.ts)]: ADDs that are not full. Absent: none. */
  readonly weighted?: readonly (readonly [string, number, number])[]
}

/** From event `at` of a batch on, the id stands for this name ('': for nobody), and not for whom it stood before. */
export interface IdChange {
  readonly id: number
  readonly name: string
  readonly at: number
}

/** How often ids have come to stand for nobody: a user or item of a report is who had the id after this many times. */
export interface Evictions {
  readonly users: number
  readonly items: number
}
