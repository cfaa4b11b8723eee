// Whole states of the worker, kept so that the newest complete one can always be found.
//
// save() writes one generation so that a crash at any moment leaves either all of it or none of it, and
// then drops the oldest beyond the number to keep. It has read the arrays when the call returns its
// promise: the caller may change them while the bytes are made durable. A repeat of a generation
// replaces it. Rejects with CHECKPOINT_UNWRITABLE (the older generations stay), or with
// CHECKPOINT_TAKEN once another worker has claimed the same place, or, before anything is written,
// with a RangeError or TypeError for what could not be given back exactly.
// latest() gives the newest generation (below `below`, where that is given) that is whole and passes its
// checksums, else the one before, else undefined; `refused` names what it passed over and why. One that a newer
// format or another kind of program wrote rejects with CHECKPOINT_FOREIGN and says what was expected.
// saveChanges() writes a generation while its state goes on changing: numbers and texts that differ from those of an
// older generation, the base, come in pieces, and what comes later for the same place holds. A generation of changes
// can be given back as long as its base is whole; what it depends on stays with it.
// claimEpoch() is called once at every start of a worker, before its first save (a save without one
// claims it): from then on older claimants can no longer save here. Readers never call it.

export type TensorData = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array

export interface Tensor {
  readonly shape: readonly number[]
  readonly data: TensorData
}

/** Texts by place. A list of them, or one that stays bytes: a million names as strings are a million objects. */
export interface Texts extends Iterable<string> {
  readonly length: number
  /** undefined: there is none at that place. */
  at(place: number): string | undefined
  slice(from?: number, to?: number): string[]
}

export interface Checkpoint {
  /** Counts the generations of one place upward, 1…999,999,999: above `newest` of latest(). */
  readonly generation: number
  /** Plain JSON: hyper-parameters, positions, counters, random states. No numbers beyond 2^53. */
  readonly facts: Readonly<Record<string, unknown>>
  readonly tensors: ReadonlyMap<string, Tensor>
  /** Ordered lists of strings (user ids, item ids), any characters. */
  readonly texts: ReadonlyMap<string, Texts>
}

export interface SavedCheckpoint {
  readonly generation: number
  /** Written for this generation. */
  readonly bytes: number
}

export interface NewCheckpoint extends SavedCheckpoint {
  /** Bytes of all that it is made of, itself too. */
  readonly size: number
}

/** What a checkpoint of changes holds in the end. */
export interface LastOfChanges {
  readonly facts: Checkpoint['facts']
  /** By the name of every tensor. Numbers that were not put are those of the base, or 0. */
  readonly tensors: ReadonlyMap<string, TensorForm>
  /** The length of every list. */
  readonly texts: ReadonlyMap<string, number>
}

export interface TensorForm {
  readonly shape: readonly number[]
  /** Any array of the same kind of numbers, such as an empty one. */
  readonly kind: TensorData
}

/** A generation in the making: nobody sees any of it before commit(). What fails, fails as save() does. */
export interface ChangesWriter {
  /** Puts numbers into the tensor from number `at` on. They are read before the call returns. */
  put(tensor: string, at: number, data: TensorData): void
  /** Puts texts into the list from place `from` on. Of one list they come in order, each place once. */
  putTexts(list: string, from: number, texts: readonly string[]): void
  /** undefined: more may be put; else resolves when it may. Only memory is lost by who does not wait. */
  room(): Promise<void> | undefined
  commit(last: LastOfChanges): Promise<NewCheckpoint>
  abandon(): Promise<void>
}

export interface Refused {
  readonly name: string
  readonly why: string
}

export interface LatestCheckpoint {
  readonly checkpoint: Checkpoint | undefined
  /** The highest generation at this place, whole or not; 0 when there is none. */
  readonly newest: number
  readonly refused: readonly Refused[]
  /** The generations that it is made of, the oldest first: one that is whole, then changes. Left out: it is whole. */
  readonly madeOf?: readonly SavedCheckpoint[]
}

export interface CheckpointStore {
  save(checkpoint: Checkpoint): Promise<NewCheckpoint>
  /** Whether changes to that generation are worth writing: it is there, and few changes lie between it and its base. */
  takesChanges(generation: number): boolean
  /** `base`: undefined for a generation that holds everything. */
  saveChanges(generation: number, base: number | undefined): ChangesWriter
  latest(below?: number): Promise<LatestCheckpoint>
  /** A number above every one given before at this place, crashes included; the first is 1. */
  claimEpoch(): Promise<number>
}
