// The features that neighbours.ts makes of the cosines of some items with the items of a history. Those of a whole
// catalogue: see sparse-sums.ts.

import type { Catalogue } from '../../ports/catalogue.ts'

interface Counts {
  /** out[at + x] = count(from → partners[x]) */
  counts(from: number, partners: Int32Array, out: Int32Array, at: number): void
}

/** What there are features of: see NeighbourOptions. */
export interface LagOptions {
  readonly lagEnds: readonly number[]
  readonly hasLargest: boolean
}

/** How soon more of a cosine tells little more. */
export const bent = 10

export function bend(cosine: number): number {
  return (bent * cosine) / (1 + bent * cosine)
}

/** By the lags that they end at; the sum over the whole window has the name of the part. */
export function namesOf({ lagEnds, hasLargest }: LagOptions): string[] {
  const lags = lagEnds.map((end) => `neighbours.lag${end}`)
  const largest = hasLargest ? ['neighbours.largest', 'neighbours.second'] : []
  return [...lags, 'neighbours', ...largest]
}

/**
 * The features of some items for a history, in the order of the items: row b is Σ v_l over the lags of bin b, which end
 * before ends[b]; in the last bin it is that of all lags, and stands for those without a feature of their own. Behind
 * them come the largest v_l and the next, bent, 0 where there is none.
 */
export interface LagFeatures {
  /** (B + 2, n); there may be room for more. */
  readonly features: Float32Array
  /** (n) row B - 1 in doubles. */
  readonly sums: Float64Array
  /** With v_l = roots[history[l]] / unit · count(history[l] → item) · roots[item]. */
  find(co: Counts, history: Int32Array, items: Int32Array, roots: Float32Array, unit: number): void
}

/** `catalogue`: adds up, where an engine has a faster way. */
export function createLagFeatures(ends: Int32Array, catalogue?: Catalogue): LagFeatures {
  const bins = ends.length
  const window = ends[bins - 1]!
  const addUp = catalogue?.lagFeatures ?? lagFeatures
  const near = createNearOrder()
  const given = {
    ...{ n: 0, lags: 0, counts: new Int32Array(0), factors: new Float64Array(window) },
    ...{ ends, scales: new Float64Array(0), order: near.order, bent },
  }
  const found = {
    features: new Float32Array(0),
    sums: new Float64Array(0),
    find(co: Counts, history: Int32Array, items: Int32Array, roots: Float32Array, unit: number) {
      const n = items.length
      if (found.sums.length < n) {
        found.features = new Float32Array((bins + 2) * n)
        found.sums = new Float64Array(n)
        given.counts = new Int32Array(window * n)
        given.scales = new Float64Array(n)
      }
      near.sort(items)
      const { counts, factors, scales } = given
      const { items: sorted } = near
      given.n = n
      given.order = near.order
      given.lags = Math.min(history.length, window)
      for (let l = 0; l < given.lags; l++) {
        co.counts(history[l]!, sorted, counts, l * n)
        factors[l] = (roots[history[l]!] ?? 0) / unit
      }
      for (let x = 0; x < n; x++) scales[x] = roots[sorted[x]!] ?? 0
      addUp(given, found.features, found.sums)
    },
  }
  return found
}

const buckets = 64

/**
 * Items nearly in ascending order, and where each of them stood. In this order the counts of a row are read in lines of
 * memory that follow each other, which takes two thirds of the time.
 */
function createNearOrder() {
  const ends = new Int32Array(buckets + 1)
  const near = {
    items: new Int32Array(0),
    order: new Int32Array(0),
    sort(given: Int32Array): void {
      const n = given.length
      if (near.items.length !== n) {
        near.items = new Int32Array(n)
        near.order = new Int32Array(n)
      }
      const { items, order } = near
      let most = 0
      for (let x = 0; x < n; x++) most = Math.max(most, given[x]!)
      const shift = Math.max(0, 32 - Math.clz32(most) - Math.log2(buckets))
      const bucketOf = (item: number) => Math.min(buckets - 1, item >>> shift)
      ends.fill(0)
      for (let x = 0; x < n; x++) ends[bucketOf(given[x]!) + 1]!++
      for (let b = 0; b < buckets; b++) ends[b + 1]! += ends[b]!
      for (let x = 0; x < n; x++) {
        const at = ends[bucketOf(given[x]!)]!++
        items[at] = given[x]!
        order[at] = x
      }
    },
  }
  return near
}

/** In plain loops: see Catalogue. */
export const lagFeatures: Catalogue['lagFeatures'] = (given, features, sums) => {
  const { n, lags, counts, factors, ends, scales, order } = given
  const bins = ends.length
  for (let x = 0; x < n; x++) {
    let [all, largest, second, l] = [0, 0, 0, 0]
    for (let b = 0; b < bins; b++) {
      let sum = 0
      for (const end = Math.min(lags, ends[b]!); l < end; l++) {
        const v = factors[l]! * counts[l * n + x]!
        sum += v
        second = Math.max(second, Math.min(v, largest))
        largest = Math.max(largest, v)
      }
      sum *= scales[x]!
      all += sum
      features[b * n + order[x]!] = sum
    }
    features[(bins - 1) * n + order[x]!] = sums[order[x]!] = all
    features[bins * n + order[x]!] = bend(scales[x]! * largest)
    features[(bins + 1) * n + order[x]!] = bend(scales[x]! * second)
  }
}
