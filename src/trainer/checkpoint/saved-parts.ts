// What the newest checkpoint holds beside rows that know their changes: small tensors, of which a copy is kept to
// compare with, and texts.

import type { Checkpoint, Tensor, TensorData, Texts } from '../../ports/checkpoint-store.ts'
import { type LiveRows, type LiveState, widthOf } from '../../ports/live-state.ts'
import type { LiveSnapshot, LiveTexts } from './save-state.ts'

/** Numbers are compared and written in runs of this length. */
const runLength = 32
/** How many numbers are looked at in one go; a multiple of the run. */
const numbersAtOnce = 16_384
/** How many rows of a checkpoint are compared with those of the state at a time. */
const rowsAtOnce = 16_384

export interface SavedParts {
  /**
   * Runs of numbers that differ from those that the newest checkpoint has, with the place of the first; undefined after
   * a while without one.
   */
  changesOf(
    name: string,
    tensor: Tensor,
  ): Generator<readonly [at: number, data: TensorData] | undefined>
  /** From now on the newest checkpoint has these. */
  become(rest: ReadonlyMap<string, Tensor>): void
}

export interface NewTexts {
  readonly list: string
  readonly from: number
  readonly texts: Pick<Texts, 'length' | 'slice'>
}

export function createSavedParts(known: ReadonlyMap<string, Tensor> = new Map()): SavedParts {
  let saved = known
  return {
    *changesOf(name, { shape, data }) {
      const old = saved.get(name)
      const isSame = old?.data.constructor === data.constructor && rowOf(old.shape) === rowOf(shape)
      if (isSame && old.data === data) return
      const before = isSame ? bytesOf(old.data) : Buffer.alloc(0)
      const now = bytesOf(data)
      const size = data.BYTES_PER_ELEMENT
      for (let from = 0; from < data.length; ) {
        const end = Math.min(data.length, from + numbersAtOnce)
        let to = from
        while (to < end && differs(before, now, to * size, runLength * size)) to += runLength
        if (to > from) yield [from, data.subarray(from, Math.min(to, end)) as TensorData]
        from = to
        while (from < end && !differs(before, now, from * size, runLength * size)) from += runLength
        if (from >= end) yield undefined
      }
    },
    become(rest) {
      saved = rest
    },
  }
}

/** The texts, as they are now, that the newest checkpoint does not have; they count as saved from then on. */
export function takeNewTexts(texts: LiveSnapshot['texts']): NewTexts[] {
  const taken: NewTexts[] = []
  for (const [name, live] of texts) {
    if (!('changed' in live)) {
      taken.push({ list: name, from: 0, texts: live.list.slice() })
      continue
    }
    const { list, changed } = live
    const take = (from: number) => changed.take(from, list.length, list.length)
    for (let run = take(0); run !== undefined; run = take(run.to)) {
      taken.push({ list: name, from: run.from, texts: list.frozen(run.from, run.to) })
    }
  }
  return taken
}

/**
 * Makes the state know what the checkpoint holds that it was restored from: rows and texts that are there to the bit
 * count as unchanged. What restoring has made something else of stays changed.
 */
export function recognise({ state, texts }: LiveSnapshot, checkpoint: Checkpoint): SavedParts {
  const names = new Set<string>()
  for (const rows of state.live) {
    recogniseRows(rows, checkpoint.tensors)
    for (const name of rows.columns().keys()) names.add(name)
  }
  for (const [name, live] of texts) recogniseTexts(live, checkpoint.texts.get(name) ?? [])
  return createSavedParts(new Map([...checkpoint.tensors].filter(([name]) => !names.has(name))))
}

/**
 * For whoever restores a state from a checkpoint that nobody else needs: takes the rows that have just been restored
 * out of it, so that they are not in memory twice until all is restored, and does for them what recognise() does.
 * Returns the bytes of what was taken out.
 */
export function takeOut({ live }: LiveState, tensors: Map<string, Tensor>): number {
  let bytes = 0
  for (const rows of live) {
    recogniseRows(rows, tensors)
    for (const name of rows.columns().keys()) {
      bytes += tensors.get(name)?.data.byteLength ?? 0
      tensors.delete(name)
    }
  }
  return bytes
}

/**
 * Empties a checkpoint that nobody needs any more, since its arrays are as large as the whole state: whoever still
 * holds it keeps no more than its facts.
 */
export function releaseCheckpoint({ tensors, texts }: Checkpoint): void {
  ;(tensors as Map<string, Tensor>).clear()
  ;(texts as Map<string, Texts>).clear()
}

/** Rows that were taken out stay as takeOut() has left them. */
function recogniseRows(rows: LiveRows, tensors: Checkpoint['tensors']): void {
  const height = heightIn(rows, tensors)
  if (height > 0) rows.changed.clear(height)
}

/** How many of the rows the tensors hold as they are; 0 where any differs. */
function heightIn(rows: LiveRows, tensors: Checkpoint['tensors']): number {
  const columns = [...rows.columns()]
  const height = tensors.get(columns[0]?.[0] ?? '')?.shape[0] ?? 0
  if (height > rows.rows) return 0
  for (const [name, { rowShape, read }] of columns) {
    const tensor = tensors.get(name)
    if (tensor?.shape[0] !== height || rowOf(tensor.shape) !== rowShape.join()) return 0
    const width = widthOf(rowShape)
    for (let from = 0; from < height; from += rowsAtOnce) {
      const to = Math.min(height, from + rowsAtOnce)
      const now = read(from, to)
      const then = tensor.data.subarray(from * width, to * width) as TensorData
      if (now.constructor !== then.constructor || !bytesOf(now).equals(bytesOf(then))) return 0
    }
  }
  return height
}

function recogniseTexts(live: LiveTexts, saved: Texts): void {
  if (!('changed' in live) || saved.length > live.list.length) return
  let id = 0
  for (const text of saved) if (!live.list.is(id++, text)) return
  live.changed.clear(saved.length)
}

function differs(before: Buffer, now: Buffer, at: number, length: number): boolean {
  const end = Math.min(now.length, at + length)
  if (before.length < end) return true
  return before.compare(now, at, end, at, end) !== 0
}

function rowOf(shape: readonly number[]): string {
  return shape.slice(1).join()
}

function bytesOf({ buffer, byteOffset, byteLength }: TensorData): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
