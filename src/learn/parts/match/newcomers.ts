// What users take who have hardly anything yet: by item, how often it was the first of a user, and how often the second
// to fifth. A feature of match.ts.
//
// Symbols: m_i events of item i at the point where the user of a moment stands now.

import { longer } from '../../../arrays.ts'
import type { Tensor } from '../../../ports/checkpoint-store.ts'
import type { Moment } from '../../part.ts'
import { createItemTerms, type ItemTerms } from '../item-terms.ts'

/** Users with fewer positives are new. */
const newEnd = 5
/** The names of the counts: of first events, and of those that follow. */
const names = ['begins', 'follows'] as const

export interface Newcomers {
  grow(items: number): void
  observe(moment: Moment, item: number, weight: number): void
  forget(item: number): void
  /** out[from + x] = ln(1 + m_i) of items[x], 0 for a user who is not new. */
  read(moment: Moment, items: Int32Array, out: Float32Array, from: number): void
  /** What it adds, with its weight at `feature`. */
  readonly terms: ItemTerms
  /** By name, as long as there is room for items. */
  counts(): Record<(typeof names)[number], Float32Array>
  readonly bytes: number
  /** `prefix`: before the names of the tensors. */
  restore(tensors: ReadonlyMap<string, Tensor>, prefix: string): void
}

/** `room`: for so many items at first; `feature`: which one of its part it is. */
export function createNewcomers(room: number, feature: number): Newcomers {
  const points = names.map((name) => ({
    name,
    counts: new Float32Array(room) as Float32Array,
    /** ln(1 + m_i) */
    levels: new Float32Array(room) as Float32Array,
  }))

  function pointOf({ users }: Moment) {
    const length = users.historyLength[0]!
    return length < newEnd ? points[length === 0 ? 0 : 1] : undefined
  }

  function set(point: (typeof points)[number], item: number, count: number): void {
    point.counts[item] = count
    point.levels[item] = Math.log(1 + point.counts[item]!)
  }

  return {
    grow(items) {
      for (const point of points) {
        if (items <= point.counts.length) return
        point.counts = longer(point.counts, items)
        point.levels = longer(point.levels, items)
      }
    },
    observe(moment, item, weight) {
      const point = pointOf(moment)
      if (point !== undefined) set(point, item, point.counts[item]! + weight)
    },
    forget(item) {
      for (const point of points) set(point, item, 0)
    },
    read(moment, items, out, from) {
      const levels = pointOf(moment)?.levels
      if (levels === undefined) out.fill(0, from, from + items.length)
      else for (let x = 0; x < items.length; x++) out[from + x] = levels[items[x]!] ?? 0
    },
    terms: createItemTerms((moment, weights) => {
      const levels = pointOf(moment)?.levels
      const weight = weights[feature]!
      if (levels === undefined || weight === 0) return undefined
      return {
        addAll(count, into, slack) {
          for (let i = 0; i < Math.min(count, levels.length); i++) {
            const a = weight * levels[i]!
            into[i]! += a + slack * Math.abs(a)
          }
        },
        addSome(items, count, into) {
          for (let x = 0; x < count; x++) {
            const level = levels[items[x]!]
            if (level !== undefined) into[x]! += weight * level
          }
        },
      }
    }),
    counts: () => ({ begins: points[0]!.counts, follows: points[1]!.counts }),
    get bytes() {
      return points.reduce((sum, { counts }) => sum + 2 * counts.byteLength, 0)
    },
    restore(tensors, prefix) {
      for (const point of points) {
        const saved = tensors.get(`${prefix}.${point.name}`)?.data ?? []
        for (let item = 0; item < saved.length; item++) set(point, item, saved[item]!)
      }
    },
  }
}
