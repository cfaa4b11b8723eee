// Features of items that are scored together, and sums over them in compiled loops (src/kernel/hidden). They lie in a
// memory whose beginning belongs to a hidden layer.

import { growTo, type Memory } from '../../arrays.ts'
import type { FeatureSums } from '../../ports/scoring.ts'

type Numbers = readonly number[]

/** Described in src/kernel/hidden, under the same names. Addresses are in bytes. */
export interface SumFunctions {
  weigh(...rawNFirstEndWeightsOut: Numbers): void
  weighParts(...rawNEndsPartsWeightsAllOutPitch: Numbers): void
  sumsOf(...rawNFeaturesSumsSquares: Numbers): void
  slopesOf(...rawNFeaturesSlopesOut: Numbers): void
  pullsOf(...rawNFeaturesJsPullsPairsOut: Numbers): void
}

/** Addresses in bytes, F features and n items. */
interface Places {
  /** (F, n) */
  raw: number
  /** Rows of items: standardised features, and of the units. */
  z: number
  y: number
  /** A row each: sums by item, scores and slopes. */
  u: number
  s: number
  g: number
  /** (F) weights, ends of parts, and what is found by feature. */
  weights: number
  ends: number
  found: number
  /** (2, F) doubles, each row padded. */
  totals: number
  /** (2F) rows of what parts give. */
  columns: number
  /** Items of pairs, and doubles. */
  js: number
  pulls: number
}

/** What calls work with, in room for as many items as there ever were. */
export interface FeatureMemory {
  readonly at: Readonly<Places>
  /** Items of the last put(). */
  readonly n: number
  /** The whole memory. */
  readonly floats: Float32Array
  readonly ints: Int32Array
  readonly doubles: Float64Array
  put(features: Float32Array, n: number): void
}

/** `units`: rows of items that a hidden layer has need of; `start`: where its own bytes end. */
export function createFeatureMemory(
  memory: Memory,
  { features, units }: { readonly features: number; readonly units: number },
  start: number,
): FeatureMemory {
  let room = 0

  function layOut(items: number): Places {
    const place = createPlaces(start)
    const row = 4 * rowOf(items)
    const padded = 4 * paddedOf(features)
    const at = {
      // Up to three rows behind the last one are read, and whole groups of items.
      raw: place(padded * items + 32),
      z: place(features * row),
      y: place(units * row),
      ...{ u: place(row), s: place(row), g: place(row) },
      ...{ weights: place(padded), ends: place(padded), found: place(padded) },
      totals: place(4 * padded),
      columns: place(2 * features * row),
      ...{ js: place(4 * items), pulls: place(8 * items) },
    }
    growTo(memory, place(0))
    return at
  }

  function viewed(at: Places) {
    const { buffer } = memory
    const views = { floats: new Float32Array(buffer), ints: new Int32Array(buffer) }
    return { at, ...views, doubles: new Float64Array(buffer) }
  }

  const call = {
    n: 0,
    ...viewed(layOut(1)),
    put(given: Float32Array, n: number): void {
      const all = features * n
      if (given.length < all) {
        throw new RangeError(`${given.length} numbers: ${features} features of ${n} items wanted`)
      }
      if (n > room) {
        room = Math.max(n, 128)
        Object.assign(call, viewed(layOut(room)))
      }
      call.n = n
      call.floats.set(given.length === all ? given : given.subarray(0, all), call.at.raw / 4)
    },
  }
  return call
}

export function createFeatureSums(
  call: FeatureMemory,
  kernel: SumFunctions,
  features: number,
): FeatureSums {
  /** For the places and so many items. */
  let columns = { at: call.at, n: 0, views: [] as Float32Array[] }
  const wanted = (values: ArrayLike<number>, count: number) => {
    if (values.length < count) throw new RangeError(`${values.length} numbers: ${count} wanted`)
  }

  // Loops, because for so few numbers a view that set() would take costs more.
  function give(values: Float32Array, count: number, to: number): void {
    wanted(values, count)
    const { floats } = call
    for (let k = 0, at = to >> 2; k < count; k++) floats[at++] = values[k]!
  }

  function take(out: Float32Array, count: number, from: number): void {
    wanted(out, count)
    const { floats } = call
    for (let k = 0, at = from >> 2; k < count; k++) out[k] = floats[at++]!
  }

  function columnsOf(parts: number): Float32Array[] {
    const { at, n, floats } = call
    if (columns.at === at && columns.n === n && columns.views.length === 2 * parts) {
      return columns.views
    }
    const from = (c: number) => at.columns / 4 + c * rowOf(n)
    const views = Array.from({ length: 2 * parts }, (_, c) => floats.subarray(from(c), from(c) + n))
    columns = { at, n, views }
    return views
  }

  return {
    put: call.put,
    weigh(weights, out) {
      const { at, n } = call
      give(weights, features, at.weights)
      kernel.weigh(at.raw, n, 0, features, at.weights, at.u)
      take(out, n, at.u)
    },
    weighParts(ends, weights, all) {
      const { at, n, ints } = call
      const parts = ends.length
      give(weights, features, at.weights)
      give(all, n, at.s)
      for (let p = 0; p < parts; p++) ints[(at.ends >> 2) + p] = ends[p]!
      const pitch = 4 * rowOf(n)
      kernel.weighParts(at.raw, n, at.ends, parts, at.weights, at.s, at.columns, pitch)
      return columnsOf(parts)
    },
    totals() {
      const { at, n, doubles } = call
      const squares = at.totals + 8 * paddedOf(features)
      kernel.sumsOf(at.raw, n, features, at.totals, squares)
      const from = (address: number) => doubles.subarray(address / 8, address / 8 + features)
      return { sums: from(at.totals), squares: from(squares) }
    },
    slopes(slopes, out) {
      const { at, n } = call
      give(slopes, n, at.s)
      kernel.slopesOf(at.raw, n, features, at.s, at.found)
      take(out, features, at.found)
    },
    pulls(js, pulls, count, out) {
      const { at, n, ints, doubles } = call
      for (let q = 0; q < count; q++) {
        ints[(at.js >> 2) + q] = js[q]!
        doubles[(at.pulls >> 3) + q] = pulls[q]!
      }
      kernel.pullsOf(at.raw, n, features, at.js, at.pulls, count, at.found)
      take(out, features, at.found)
    },
  }
}

/** n rounded up to whole groups of eight items. */
export function rowOf(n: number): number {
  return 8 * Math.ceil(n / 8)
}

function paddedOf(features: number): number {
  return 4 * Math.ceil(features / 4)
}

/** One place after the other, each aligned to 16 bytes; returns the address. */
export function createPlaces(from: number): (bytes: number) => number {
  let next = from
  return (bytes) => {
    const address = next
    next = (next + bytes + 15) & ~15
    return address
  }
}
