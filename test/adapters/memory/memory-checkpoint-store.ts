// Checkpoints in the memory of the process: for tests and trials, gone when it ends.
// Keeps copies, so nobody can change what was saved; does not survive anything, on purpose.

import { checkExact } from '../../../src/adapters/disk/exact-checkpoint.ts'
import { Failure } from '../../../src/errors.ts'
import type {
  ChangesWriter,
  Checkpoint,
  CheckpointStore,
  LastOfChanges,
  NewCheckpoint,
  Tensor,
  TensorData,
} from '../../../src/ports/checkpoint-store.ts'

/** What a directory is to the disk: stores opened on the same place see the same generations. */
export interface MemoryPlace {
  readonly generations: Map<number, Checkpoint>
  epoch: number
}

export function createMemoryPlace(): MemoryPlace {
  return { generations: new Map(), epoch: 0 }
}

export function createMemoryCheckpointStore(options: {
  /** Newest generations that stay, at least 1. */
  readonly kept: number
  readonly place?: MemoryPlace
}): CheckpointStore {
  const { kept, place = createMemoryPlace() } = options
  let own = 0
  const store: CheckpointStore = {
    takesChanges: (generation) => place.generations.has(generation),
    saveChanges(generation, base) {
      const old = base === undefined ? undefined : place.generations.get(base)
      return createChangesWriter(old, (content) => store.save({ generation, ...content }))
    },
    async save(checkpoint) {
      checkExact(checkpoint)
      if (own === 0) own = ++place.epoch
      if (place.epoch > own) {
        throw new Failure(
          'CHECKPOINT_TAKEN',
          `worker ${place.epoch} has claimed these checkpoints after this one (${own}): stop one of the two`,
        )
      }
      place.generations.set(checkpoint.generation, copyOf(checkpoint))
      const old = [...place.generations.keys()].sort((a, b) => b - a).slice(kept)
      for (const generation of old) place.generations.delete(generation)
      const bytes = bytesOf(checkpoint)
      return { generation: checkpoint.generation, bytes, size: bytes }
    },
    async latest(below = Number.POSITIVE_INFINITY) {
      const generations = [...place.generations.keys()]
      const newest = Math.max(0, ...generations)
      const found = place.generations.get(
        Math.max(0, ...generations.filter((each) => each < below)),
      )
      return { checkpoint: found && copyOf(found), newest, refused: [] }
    },
    async claimEpoch() {
      own = ++place.epoch
      return own
    },
  }
  return store
}

/** Keeps all pieces until the end, and makes a whole checkpoint of them. */
function createChangesWriter(
  base: Checkpoint | undefined,
  save: (content: Omit<Checkpoint, 'generation'>) => Promise<NewCheckpoint>,
): ChangesWriter {
  const pieces: (readonly [tensor: string, at: number, data: TensorData])[] = []
  const texts = new Map<string, string[]>()
  const listOf = (name: string) => texts.get(name) ?? [...(base?.texts.get(name) ?? [])]

  function tensorsOf(last: LastOfChanges): Map<string, Tensor> {
    const tensors = new Map<string, Tensor>()
    for (const [name, { shape, kind }] of last.tensors) {
      const count = shape.reduce((product, side) => product * side, 1)
      const data = new (kind.constructor as Float32ArrayConstructor)(count) as TensorData
      const old = base?.tensors.get(name)
      const isSame = old?.data.constructor === kind.constructor
      if (isSame && old.shape.slice(1).join() === shape.slice(1).join()) {
        data.set(old.data.subarray(0, count) as never)
      }
      for (const [tensor, at, piece] of pieces) {
        if (tensor !== name || piece.constructor !== data.constructor) continue
        data.set(piece.subarray(0, Math.max(0, count - at)) as never, Math.min(at, count))
      }
      tensors.set(name, { shape: [...shape], data })
    }
    return tensors
  }

  return {
    put: (tensor, at, data) => void pieces.push([tensor, at, data.slice() as TensorData]),
    putTexts(name, from, more) {
      texts.set(name, listOf(name).toSpliced(from, more.length, ...more))
    },
    room: () => undefined,
    commit(last) {
      const lists = [...last.texts].map(([name, length]) => [name, listOf(name).slice(0, length)])
      return save({
        facts: last.facts,
        tensors: tensorsOf(last),
        texts: new Map(lists as [string, string[]][]),
      })
    },
    abandon: async () => undefined,
  }
}

function copyOf(checkpoint: Checkpoint): Checkpoint {
  const tensors = new Map<string, Tensor>()
  for (const [name, tensor] of checkpoint.tensors) {
    tensors.set(name, { shape: [...tensor.shape], data: tensor.data.slice() })
  }
  const texts = new Map([...checkpoint.texts].map(([name, list]) => [name, [...list]]))
  return {
    generation: checkpoint.generation,
    facts: structuredClone(checkpoint.facts),
    tensors,
    texts,
  }
}

function bytesOf(checkpoint: Checkpoint): number {
  let bytes = 0
  for (const tensor of checkpoint.tensors.values()) bytes += tensor.data.byteLength
  for (const list of checkpoint.texts.values()) {
    for (const text of list) bytes += Buffer.byteLength(text)
  }
  return bytes
}
