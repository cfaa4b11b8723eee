// At which points users take an item: how far into a session, and after how many others. A site shows some items to
// everybody who comes and others to those who stay; some are the first that anybody has and others for those who have
// much. Two features of match.ts.
//
// Symbols: x_1 = ln(1 + items that the user has taken since the last pause of an hour), x_2 = ln(1 + the user's
// positives); c_k(i) the mean of x_k over the events of item i, drawn towards that of all events. The features of
// item i are |c_k(i) - x_k|.

import { longer } from '../../../arrays.ts'
import type { Tensor } from '../../../ports/checkpoint-store.ts'
import type { Moment } from '../../part.ts'
import {
  createColumn,
  createColumnTerms,
  type TermsOfColumns,
  takeDistances,
} from '../item-column.ts'

/** After an hour without an item a session is over. */
const sessionSeconds = 3_600
/** The mean of an item begins as if so many events had been like all others. */
const eventsOfOthers = 5
/** Events over which the means of all events forget. */
const eventsRemembered = 20_000
const names = ['session', 'length'] as const

export interface Points {
  grow(items: number): void
  /** Counts nothing of other workers' users: when these took their items is not known here. */
  observe(moment: Moment, item: number, weight: number): void
  forget(item: number): void
  /** out[from + k·n + x] = feature k of items[x], x < n. */
  read(moment: Moment, items: Int32Array, out: Float32Array, from: number): void
  /** What they add, with the weight of the first at `feature`. */
  readonly terms: TermsOfColumns
  /** By name, of items 0 … items-1. */
  rows(items: number): Record<'points' | (typeof names)[number], Float32Array>
  /** Of all events: their number, and the mean of each feature. */
  readonly facts: Float64Array
  readonly bytes: number
  /** `prefix`: before the names of the tensors. Without them nothing has been counted. */
  restore(tensors: ReadonlyMap<string, Tensor>, prefix: string, facts: ArrayLike<number>): void
}

/** `feature`: which one of its part the first is. */
export function createPoints(feature: number): Points {
  const columns = names.map(() => createColumn())
  /** Events of each item. */
  let counts: Float32Array = new Float32Array(columns[0]!.values.length)
  const facts = new Float64Array(1 + names.length)
  const now = new Float64Array(names.length)

  function find({ users }: Moment): void {
    const [length, ages] = [users.historyStart[1]!, users.historyAges]
    let taken = 0
    let last = 0
    while (taken < length && ages[taken]! - last < sessionSeconds) last = ages[taken++]!
    now[0] = Math.log(1 + taken)
    now[1] = Math.log(1 + users.historyLength[0]!)
  }

  function grow(items: number): void {
    if (items <= counts.length) return
    for (const column of columns) column.grow(items)
    counts = longer(counts, columns[0]!.values.length)
  }

  return {
    grow,
    facts,
    observe(moment, item, weight) {
      if (moment.user < 0) return
      grow(item + 1)
      find(moment)
      const before = counts[item]!
      counts[item] = before + weight
      facts[0]!++
      columns.forEach((column, k) => {
        const mean = before === 0 ? facts[1 + k]! : column.values[item]!
        const share = weight / (before + weight + eventsOfOthers)
        column.set(item, mean + share * (now[k]! - mean))
        facts[1 + k]! += (now[k]! - facts[1 + k]!) / Math.min(facts[0]!, eventsRemembered)
      })
    },
    forget(item) {
      if (item >= counts.length) return
      counts[item] = 0
      for (const column of columns) column.set(item, 0)
    },
    read(moment, items, out, from) {
      find(moment)
      for (let k = 0; k < columns.length; k++) {
        takeDistances(columns[k]!.values, items, now[k]!, out, from + k * items.length)
      }
    },
    terms: createColumnTerms((moment, weights) => {
      const [wSession, wLength] = [weights[feature]!, weights[feature + 1]!]
      if (wSession === 0 && wLength === 0) return undefined
      find(moment)
      return [
        { column: columns[0]!, weight: wSession, origin: now[0]! },
        { column: columns[1]!, weight: wLength, origin: now[1]! },
      ]
    }),
    rows(items) {
      grow(items)
      const [session, length] = columns.map(({ values }) => values.subarray(0, items))
      return { points: counts.subarray(0, items), session: session!, length: length! }
    },
    get bytes() {
      return counts.byteLength + columns.reduce((sum, { values }) => sum + values.byteLength, 0)
    },
    restore(tensors, prefix, saved) {
      const events = tensors.get(`${prefix}.points`)?.data ?? []
      grow(events.length)
      counts.set(events)
      columns.forEach((column, k) => {
        const means = tensors.get(`${prefix}.${names[k]!}`)?.data ?? []
        for (let item = 0; item < means.length; item++) column.set(item, means[item]!)
      })
      for (let k = 0; k < facts.length; k++) facts[k] = saved[k] ?? 0
    },
  }
}
