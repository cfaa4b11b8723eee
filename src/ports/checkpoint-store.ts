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
// claimEpoch() is called once at every start of a worker, before its first save (a save without one
// claims it): from then on older claimants can no longer save here. Readers never call it.

export type TensorData = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array

export interface Tensor {
  readonly shape: readonly number[]
  readonly data: TensorData
}

export interface Checkpoint {
  /** Counts the generations of one place upward, 1…999,999,999: above `newest` of latest(). */
  readonly generation: number
  /** Plain JSON: hyper-parameters, positions, counters, random states. No numbers beyond 2^53. */
  readonly facts: Readonly<Record<string, unknown>>
  readonly tensors: ReadonlyMap<string, Tensor>
  /** Ordered lists of strings (user ids, item ids), any characters. */
  readonly texts: ReadonlyMap<string, readonly string[]>
}

export interface SavedCheckpoint {
  readonly generation: number
  readonly bytes: number
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
}

export interface CheckpointStore {
  save(checkpoint: Checkpoint): Promise<SavedCheckpoint>
  latest(below?: number): Promise<LatestCheckpoint>
  /** A number above every one given before at this place, crashes included; the first is 1. */
  claimEpoch(): Promise<number>
}
