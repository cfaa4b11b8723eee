// Where the arrays of a scan lie in its memory: first what does not depend on the number of items, then, one after the
// other as they are needed, chunks of rows and the few arrays by item that are read from end to end. Nothing large ever
// moves: a catalogue of a million would stand still for a quarter of a second.

import { growTo, type Memory, PAGE } from '../../../arrays.ts'
import {
  scanBestMax as bestMax,
  scanChunkItems as chunkItems,
  scanHeadWidth as headWidth,
  scanMiddleBytes as middleBytes,
  scanMiddleWidth as middleWidth,
  scanTermsMax as termsMax,
} from '../../../kernel/constants.ts'
import { createMemory, join, memoryMax, moduleOf } from '../kernel/module.ts'
import type { RankThreads } from '../threads/rank-threads.ts'
import { type Calls, callsOf, type Functions, piecesMax } from './scan-calls.ts'

const recordWords = 6
/** Chunks that there may be. */
const chunksMax = 1_024
/** Rows that are made in one call. */
export const blockRows = 64
const growth = 1.5
/** A line of the cache. */
const alignment = 64

/** Addresses of what an arrangement of columns has for itself. */
export interface ArrangementPlaces {
  readonly places: number
  readonly queryHead: number
  readonly queryTail: number
}

export interface ScanMemory extends Calls {
  /** The whole memory in each of its types; replaced when it grows. */
  floats: Float32Array
  ints: Int32Array
  bytes: Uint8Array
  shorts: Int16Array
  readonly memory: Memory
  readonly size: number
  /** Places everything for rows of `columns` columns, without items. */
  arrange(columns: number): void
  /** Makes room for `items` items, at most `itemsMax`. */
  reserve(items: number): void
  readonly itemsMax: number
  readonly tailWidth: number
  /** The address of what column k has of the items of a chunk. */
  columnOf(chunk: number, k: number): number
  /** Addresses. */
  readonly at: Readonly<Record<Name, number>>
  /** Of an arrangement and the one that takes its place. */
  readonly arrangements: readonly ArrangementPlaces[]
}

const itemNames = ['levels', 'bounds', 'found'] as const
type Name =
  | 'record'
  | 'chunks'
  | 'row'
  | 'weights'
  | 'terms'
  | 'counts'
  | 'ids'
  | 'block'
  | ItemName
type ItemName = (typeof itemNames)[number]

/** `threads`: share what is done for all items; absent: the calling thread does all of it. */
export function createScanMemory(bytesMax = memoryMax, threads?: RankThreads): ScanMemory {
  const memory = createMemory(bytesMax)
  const at: Record<Name, number> = {
    ...{ record: 0, chunks: 0, row: 0, weights: 0, terms: 0, counts: 0, ids: 0, block: 0 },
    ...{ levels: 0, bounds: 0, found: 0 },
  }
  let columns = 0
  let tailWidth = middleWidth
  let chunkCount = 0
  /** Items that the arrays other than chunks have room for. */
  let capacity = 0
  let itemsFrom = 0
  let end = PAGE

  const columnsAt = () => {
    return chunkItems * (headWidth + middleBytes + tailWidth - middleWidth + 12)
  }
  const chunkBytes = () => columnsAt() + 4 * chunkItems * termsMax

  function take(bytes: number): number {
    const from = end
    end = Math.ceil((end + bytes) / alignment) * alignment
    return from
  }

  function need(): void {
    if (!growTo(memory, end) && own.bytes.buffer === memory.buffer) return
    Object.assign(own, viewsOf(memory.buffer))
  }

  function writeRecord(): void {
    const words = [columns, tailWidth, at.chunks, at.levels, at.bounds, at.row]
    own.ints.set(words, at.record / 4)
    functions.place(at.record)
  }

  /** Arrays by item that are larger; what stood in the smaller ones is copied, but for what every query makes anew. */
  function enlarge(items: number): void {
    const levels = at.levels
    const known = capacity
    // Whole groups of four items, which loops read at once.
    const more = Math.min(itemsMax(), Math.max(items, Math.ceil(capacity * growth)))
    capacity = 4 * Math.ceil(more / 4)
    for (const name of itemNames) at[name] = take(4 * capacity + 16)
    // Whoever chooses the best of the last items needs room beside them.
    take(9 * bestMax)
    need()
    own.bytes.copyWithin(at.levels, levels, levels + 4 * known)
  }

  function itemsMax(): number {
    // Arrays that have become too small stay where they are: at most twice the largest, and the largest.
    const fitting = Math.floor((bytesMax - itemsFrom - PAGE) / (chunkBytes() + 48 * chunkItems))
    return chunkItems * Math.max(0, Math.min(chunksMax, fitting))
  }

  const functions = join<Functions>(moduleOf('scan'), memory)
  const own: ScanMemory = {
    ...callsOf(functions, at, () => own, threads),
    ...viewsOf(memory.buffer),
    ...{ at, memory, arrangements: [] as readonly ArrangementPlaces[] },
    get itemsMax() {
      return itemsMax()
    },
    get tailWidth() {
      return tailWidth
    },
    columnOf: (chunk, k) => own.ints[at.chunks / 4 + chunk]! + columnsAt() + 4 * chunkItems * k,
    get size() {
      return memory.buffer.byteLength
    },
    arrange(count) {
      columns = count
      tailWidth = Math.max(middleWidth, Math.ceil((columns - headWidth) / 16) * 16)
      chunkCount = 0
      capacity = 0
      end = PAGE
      at.record = take(4 * recordWords)
      at.chunks = take(4 * chunksMax)
      at.row = take(4 * (headWidth + tailWidth))
      at.weights = take(16)
      at.terms = take(8 * termsMax)
      at.counts = take(4 * piecesMax)
      at.ids = take(4 * blockRows)
      at.block = take(4 * columns * blockRows)
      const arrangements = [0, 1].map(() => {
        const [places, queryHead] = [take(12 * columns), take(2 * headWidth)]
        return { places, queryHead, queryTail: take(2 * tailWidth) }
      })
      itemsFrom = end
      need()
      Object.assign(own, { arrangements })
      own.bytes.fill(0, PAGE, end)
    },
    reserve(items) {
      if (items > itemsMax()) throw new RangeError(`${items} items, room for ${itemsMax()}`)
      const [chunksBefore, capacityBefore] = [chunkCount, capacity]
      if (items > capacity) enlarge(items)
      const chunks: number[] = []
      for (; chunkCount * chunkItems < items; chunkCount++) chunks.push(take(chunkBytes()))
      need()
      own.ints.set(chunks, at.chunks / 4 + chunksBefore)
      if (chunks.length > 0 || capacityBefore !== capacity) writeRecord()
    },
  }
  return own
}

function viewsOf(buffer: ArrayBufferLike) {
  return {
    floats: new Float32Array(buffer),
    ints: new Int32Array(buffer),
    bytes: new Uint8Array(buffer),
    shorts: new Int16Array(buffer),
  }
}
