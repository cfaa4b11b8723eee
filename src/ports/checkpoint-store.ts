// Whole states of the worker, kept so that the newest complete one can always be found.
//
// save() writes one generation so that a crash at any moment leaves either all of it or none of it, and
// then drops the oldest beyond the number to keep; it reads the arrays during the call only.
// latest() gives the newest generation that is whole and passes its checksums, else the one before,
// else undefined; `refused` names what it passed over and why. One that a newer format or another
// kind of program wrote rejects with CHECKPOINT_FOREIGN and says what was expected.

export type TensorData = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array

export interface Tensor {
  readonly shape: readonly number[]
  readonly data: TensorData
}

export interface Checkpoint {
  /** Counts the generations of one directory upward. Given by the caller, unique. */
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

export interface CheckpointStore {
  save(checkpoint: Checkpoint): Promise<SavedCheckpoint>
  latest(): Promise<{ checkpoint: Checkpoint | undefined; refused: readonly Refused[] }>
}
