// The part that knows how new an item is and how long nobody has taken it. Nothing is trained.
//
// Features of item i: ln(1 + events of the stream since its first), ln(1 + events since its latest). An item without
// events, which is only remembered, is as old as the stream.

import { longer } from '../../arrays.ts'
import type { Catalogue, ItemColumn } from '../../ports/catalogue.ts'
import { ChangedRows, liveState, vectors } from '../../ports/live-state.ts'
import type { Part } from '../part.ts'
import { createColumn, createColumnTerms } from './item-column.ts'

/**
 * `catalogue`: takes the logarithms, where an engine has a faster way. `known`: since the first events, by a part that
 * observes every event, and is restored, before this one.
 */
export function createFreshness(catalogue?: Catalogue, known?: Ages): Part {
  let first = known ?? createAges(catalogue)
  const latest = createAges(catalogue)
  const changed = new ChangedRows(3)

  const terms = createColumnTerms((_moment, weights) => {
    const [wFirst, wLatest] = [weights[0]!, weights[1]!]
    if (wFirst === 0 && wLatest === 0) return undefined
    return [
      { column: first.all(), weight: wFirst, origin: 0 },
      { column: latest.all(), weight: wLatest, origin: 0 },
    ]
  })

  const tables = () => vectors('freshness', { first: first.marks, latest: latest.marks })
  const facts = () => vectors('freshness', { facts: Float64Array.of(first.events) })

  return {
    ...terms,
    staged: {
      ...terms.staged,
      prepare: () => first.prepare() || latest.prepare(),
      lacks: () => first.lacks || latest.lacks,
    },
    name: 'freshness',
    features: ['freshness.first', 'freshness.latest'],
    start: [0, 0],
    isScaled: true,
    score(_moment, items, out, offset) {
      first.logs(items, out, offset * items.length)
      latest.logs(items, out, (offset + 1) * items.length)
    },
    observe(_moment, item) {
      latest.count()
      if (first !== known) {
        first.count()
        if ((first.marks[item] ?? 0) === 0) first.mark(item)
      }
      latest.mark(item)
      changed.mark(item)
    },
    dropItems(gone) {
      for (let item = 0; item < gone.length; item++) {
        if (gone[item] !== 1) continue
        first.forget(item)
        latest.forget(item)
        changed.mark(item)
      }
    },
    get bytes() {
      return latest.bytes + (first === known ? 0 : first.bytes)
    },
    state: liveState(changed, () => first.marks.length, tables, facts),
    restore(tensors) {
      const events = tensors.get('freshness.facts')?.data[0] ?? 0
      const saved = tensors.get('freshness.first')?.data ?? []
      // The other part may have come to the model later, and count since then.
      if (first === known && !first.is(saved, events)) first = createAges(catalogue)
      if (first !== known) first.restore(saved, events)
      latest.restore(tensors.get('freshness.latest')?.data ?? [], events)
    },
  }
}

/** Events by which the clock moves on. */
const tick = 64
/** Items whose logarithms are taken in a step: about a millisecond. */
const slice = 131_072
const itemsFirst = 1_024

/**
 * By item, how long ago one of its events was: the logarithm of the events of the stream since. The clock that tells it
 * moves on by many events at a time, so that the logarithms of a whole catalogue are taken once for many lists.
 */
export interface Ages {
  /** By item the number of an event, counted from 1; 0: it lies before the first. Replaced when it grows. */
  readonly marks: Float64Array
  readonly events: number
  /** Counts an event. */
  count(): void
  /** The item's mark is the newest event. */
  mark(item: number): void
  forget(item: number): void
  /** out[from + x] = ln(1 + events on the clock since the mark of items[x]) */
  logs(items: Int32Array, out: Float32Array, from: number): void
  /** The same of all items. Valid until the next event. */
  all(): ItemColumn
  /** A step of what all() would do; whether there was anything to do. */
  prepare(): boolean
  readonly lacks: boolean
  /** Whether restore() would leave everything as it is. */
  is(marks: ArrayLike<number>, events: number): boolean
  readonly bytes: number
  restore(marks: ArrayLike<number>, events: number): void
}

/** `catalogue`: takes the logarithms, where an engine has a faster way. */
export function createAges(catalogue?: Catalogue): Ages {
  let marks: Float64Array = new Float64Array(itemsFirst)
  const logarithms = createColumn()
  let events = 0
  /** The time for which `logarithms` holds; -1: for none. */
  let takenAt = -1
  /** The time for which those of items below `taken` hold. */
  let takingAt = -1
  let taken = 0

  function forgetLogs(): void {
    takenAt = takingAt = -1
  }

  function grow(items: number): void {
    if (items <= marks.length) return
    marks = longer(marks, Math.max(items, 2 * marks.length))
    logarithms.grow(marks.length)
    forgetLogs()
  }

  const now = () => events - (events % tick)

  function takeLogs(values: Float32Array, from: number, n: number): void {
    if (catalogue !== undefined) catalogue.log1p(values, from, n)
    else for (let at = from; at < from + n; at++) values[at] = Math.log(1 + values[at]!)
  }

  /** Takes the logarithms of up to `most` more items; whether there were any to take. */
  function take(most: number): boolean {
    const at = now()
    if (takenAt === at) return false
    if (takingAt !== at) taken = 0
    takenAt = -1
    takingAt = at
    const [from, into] = [marks, logarithms.values]
    const end = Math.min(from.length, taken + most)
    for (let i = taken; i < end; i++) into[i] = Math.max(0, at - from[i]!)
    takeLogs(into, taken, end - taken)
    taken = end
    if (end < from.length) return true
    logarithms.renewed(Math.fround(Math.log(1 + at)))
    takenAt = at
    return true
  }

  function all(): ItemColumn {
    take(Number.POSITIVE_INFINITY)
    return logarithms
  }

  return {
    get marks() {
      return marks
    },
    get events() {
      return events
    },
    count() {
      events++
    },
    mark(item) {
      grow(item + 1)
      marks[item] = events
      // The clock has not reached it yet.
      logarithms.set(item, 0)
    },
    forget(item) {
      if (item >= marks.length) return
      marks[item] = 0
      forgetLogs()
    },
    logs(items, out, from) {
      const [since, end] = [now(), items.length]
      // As many logarithms as all events of a tick would take, or those that a list has taken.
      const taken = takenAt === since || marks.length <= tick * end ? all().values : undefined
      for (let x = 0; x < end; x++) {
        const i = items[x]!
        if (taken !== undefined && i < taken.length) out[from + x] = taken[i]!
        else out[from + x] = Math.max(0, since - (marks[i] ?? 0))
      }
      if (taken === undefined) takeLogs(out, from, end)
      else for (let x = 0; x < end; x++) if (items[x]! >= taken.length) takeLogs(out, from + x, 1)
    },
    all,
    prepare: () => take(slice),
    get lacks() {
      return takenAt !== now()
    },
    is(saved, savedEvents) {
      const items = saved.length
      const length = items > itemsFirst ? Math.max(items, 2 * itemsFirst) : itemsFirst
      if (marks.length !== length || events !== savedEvents) return false
      return marks.every((mark, i) => mark === (saved[i] ?? 0))
    },
    get bytes() {
      return marks.byteLength + logarithms.values.byteLength
    },
    restore(saved, savedEvents) {
      grow(saved.length)
      marks.set(saved)
      events = savedEvents
      forgetLogs()
    },
  }
}
