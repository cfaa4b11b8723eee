// The functions of src/kernel/scan, called with the addresses of one memory. What is done for every item is a job of
// pieces, which threads share where there are any.

import type { Memory } from '../../../arrays.ts'
import {
  scanBestItems,
  scanDoneAt,
  scanJobAt,
  scanLeftAt,
  scanPieceItems,
} from '../../../kernel/constants.ts'
import type { RankThreads } from '../threads/rank-threads.ts'

export interface Half {
  /** What a unit of its words stands for. */
  readonly unit: number
  /** No less than the Euclidean norm. */
  readonly norm: number
  /** The same of what stands behind the middle of a tail. */
  readonly end: number
}

/** Of the weights of levels. */
export interface Weights {
  /** What a unit of a word times a unit of a level stands for. */
  readonly unit: number
  /** Added for every item. */
  readonly base: number
}

/** What columns add: the first `count` terms in the memory, and what their rounding may take away from any item. */
export interface Raise {
  readonly count: number
  readonly base: number
}

/** Addresses in bytes; see the functions of the same names in src/kernel/scan. */
export interface Functions {
  place(record: number): void
  quantize(items: number, count: number, places: number): void
  work(): number
  finish(ms: number): number
}

/** Items first … end-1, whose rows have columns in one arrangement. */
export interface Span {
  readonly first: number
  readonly end: number
}

export interface Calls {
  /** Makes the rows of the first `count` of `at.ids` from the block. */
  quantize(count: number, places: number): void
  boundAll(span: Span, query: number, head: Half, tail: Half, by: Weights, raise: Raise): void
  /** Items of the `most` largest bounds of items 0 … items-1, in no order: the same whoever works on it. */
  best(items: number, most: number): Int32Array
  /** Items of the span whose bounds from the whole row reach the threshold, ascending, to place `out` of `at.found`. */
  above(span: Span, query: number, tail: Half, threshold: number, out: number): number
}

/** Where they find what does not depend on an arrangement of columns. */
export type Addresses = Readonly<
  Record<'record' | 'ids' | 'weights' | 'terms' | 'counts' | 'bounds' | 'found', number>
>

/** What is read and written of the memory: its views are replaced when it grows. */
export interface Views {
  readonly floats: Float32Array
  readonly ints: Int32Array
  readonly memory: Memory
}

/** Pieces of a job at most. */
export const piecesMax = 4_096

/** As in src/kernel/scan/pieces.ts. */
const kinds = { bound: 0, best: 1, above: 2 } as const

interface Job extends Span {
  readonly kind: keyof typeof kinds
  readonly query?: number
  readonly unit?: number
  readonly head?: number
  readonly tail?: number
  readonly levelUnit?: number
  readonly base?: number
  readonly threshold?: number
  readonly most?: number
  readonly terms?: number
  readonly ends?: number
}

export function callsOf(
  functions: Functions,
  at: Addresses,
  views: () => Views,
  threads?: RankThreads,
): Calls {
  /** Does all of the job; returns how many pieces it had, of how many items. */
  function run(job: Job): { pieces: number; pieceItems: number } {
    const { floats, ints, memory } = views()
    const pieceItems = job.kind === 'best' ? scanBestItems : scanPieceItems
    const pieces = Math.ceil((job.end - job.first) / pieceItems)
    const word = scanJobAt / 4
    const { query = 0, most = 0, terms = 0 } = job
    const places = [at.record, job.first, job.end, pieceItems, pieces, at.counts, at.found, query]
    ints.set([kinds[job.kind], ...places], word)
    const { unit = 0, head = 0, tail = 0, levelUnit = 0, base = 0, threshold = 0 } = job
    floats.set([unit, head, tail], word + 9)
    ints[word + 12] = at.weights
    floats.set([levelUnit, base, threshold], word + 13)
    ints.set([most, at.terms, terms], word + 16)
    floats[word + 19] = job.ends ?? 0
    Atomics.store(ints, scanDoneAt / 4, 0)
    Atomics.store(ints, scanLeftAt / 4, pieces)
    if (pieces > 1) threads?.wake(memory)
    functions.work()
    threads?.waitUntil((ms) => functions.finish(ms) === 1)
    return { pieces, pieceItems }
  }

  return {
    quantize: (count, places) => functions.quantize(at.ids, count, places),
    boundAll(span, query, head, tail, { unit, base }, raise) {
      const norms = { unit: head.unit, head: head.norm, tail: tail.norm }
      const levels = { levelUnit: unit, base: base + raise.base }
      run({ kind: 'bound', ...span, query, ...norms, ...levels, terms: raise.count })
    },
    best(items, most) {
      const { pieces, pieceItems } = run({ kind: 'best', first: 0, end: items, most })
      const { floats, ints } = views()
      const [counts, found] = [at.counts / 4, at.found / 4]
      const ofPiece = (p: number) => {
        const from = found + p * pieceItems
        return ints.subarray(from, from + ints[counts + p]!)
      }
      if (pieces === 0) return new Int32Array(0)
      if (pieces === 1) return ofPiece(0)
      const all = Array.from({ length: pieces }, (_, p) => [...ofPiece(p)]).flat()
      return largest(all, floats.subarray(at.bounds / 4), most)
    },
    above(span, query, tail, threshold, out) {
      const norms = { unit: tail.unit, tail: tail.norm, ends: tail.end }
      const { pieces, pieceItems } = run({ kind: 'above', ...span, query, ...norms, threshold })
      const { ints } = views()
      const [counts, found] = [at.counts / 4, at.found / 4]
      let to = out
      for (let p = 0; p < pieces; p++) {
        const from = found + span.first + p * pieceItems
        const count = ints[counts + p]!
        ints.copyWithin(found + to, from, from + count)
        to += count
      }
      return to - out
    },
  }
}

/** Of the items those of the `most` largest bounds; of equal ones those that stand first. */
function largest(items: readonly number[], bounds: Float32Array, most: number): Int32Array {
  if (items.length <= most) return Int32Array.from(items)
  const values = Float32Array.from(items, (item) => bounds[item]!).sort()
  const least = values[values.length - most]!
  const above = items.filter((item) => bounds[item]! > least)
  const equal = items.filter((item) => bounds[item] === least)
  return Int32Array.from([...above, ...equal.slice(0, most - above.length)])
}
