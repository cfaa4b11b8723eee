// By item, how long ago one of its events was: the logarithm of the events of the stream since. The clock that tells it
// moves on by many events at a time, so that the logarithms of a whole catalogue are taken once for many lists.

import type { Catalogue } from '../../ports/catalogue.ts'

/** Events by which the clock moves on. */
const tick = 64

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
  /** The same of all items that have a mark, and of some others. Valid until the next event. */
  all(): Float32Array
  /** The same of items beyond those. */
  readonly ofOthers: number
  readonly bytes: number
  restore(marks: ArrayLike<number>, events: number): void
}

/** `catalogue`: takes the logarithms, where an engine has a faster way. */
export function createAges(catalogue?: Catalogue): Ages {
  let marks = new Float64Array(1024)
  let logarithms = new Float32Array(1024)
  let events = 0
  /** The time for which `logarithms` holds; -1: for none. */
  let takenAt = -1

  function grow(items: number): void {
    if (items <= marks.length) return
    const more = new Float64Array(Math.max(items, 2 * marks.length))
    more.set(marks)
    marks = more
    logarithms = new Float32Array(more.length)
    takenAt = -1
  }

  const now = () => events - (events % tick)

  function takeLogs(values: Float32Array, from: number, n: number): void {
    if (catalogue !== undefined) catalogue.log1p(values, from, n)
    else for (let at = from; at < from + n; at++) values[at] = Math.log(1 + values[at]!)
  }

  function all(): Float32Array {
    const at = now()
    if (takenAt === at) return logarithms
    const [from, into] = [marks, logarithms]
    for (let i = 0; i < from.length; i++) into[i] = Math.max(0, at - from[i]!)
    takeLogs(into, 0, into.length)
    takenAt = at
    return into
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
      logarithms[item] = 0
    },
    forget(item) {
      if (item >= marks.length) return
      marks[item] = 0
      takenAt = -1
    },
    logs(items, out, from) {
      const [since, end] = [now(), items.length]
      // As many logarithms as all events of a tick would take, or those that a list has taken.
      const taken = takenAt === since || marks.length <= tick * end ? all() : undefined
      for (let x = 0; x < end; x++) {
        const i = items[x]!
        if (taken !== undefined && i < taken.length) out[from + x] = taken[i]!
        else out[from + x] = Math.max(0, since - (marks[i] ?? 0))
      }
      if (taken === undefined) takeLogs(out, from, end)
      else for (let x = 0; x < end; x++) if (items[x]! >= taken.length) takeLogs(out, from + x, 1)
    },
    all,
    get ofOthers() {
      return Math.fround(Math.log(1 + now()))
    },
    get bytes() {
      return marks.byteLength + logarithms.byteLength
    },
    restore(saved, savedEvents) {
      grow(saved.length)
      marks.set(saved)
      events = savedEvents
      takenAt = -1
    },
  }
}
