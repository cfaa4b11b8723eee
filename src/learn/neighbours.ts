// The part that counts neighbours: items chosen soon before or after each other by the same user (incremental
// ItemKNN). Nothing to train.
//
// Features of item i for user u: Σ over u's newest positives h of co(h,i) / √(n_h n_i), over the newest three and over
// the newest `window`; co counts how often h and i stood within `window` positives of each other and n how many
// events an item has had.

import type { Tensor } from '../ports/checkpoint-store.ts'
import { createCoCounts } from './co-counts.ts'
import type { Moment, Part } from './part.ts'

export interface NeighbourOptions {
  /** How many of the user's newest positives count, in learning and in scoring. */
  readonly window: number
  /** Most neighbours an item keeps. */
  readonly neighboursPerItemMax: number
}

/** The part, and the pull of single items of the history for `explain`. */
export interface Neighbours extends Part {
  similarity(a: number, b: number): number
  /** Counts an event of the item that is remembered only: it may stand in histories from now on. */
  meet(item: number): void
  /** The part as a recommender of its own: ties between items without neighbours go to the popular. */
  alone(moment: Moment, items: Int32Array, out: Float32Array): void
}

/** The newest positives that have a feature of their own. */
const newest = 3

/** More items than this are summed for the whole catalogue at once. */
const lookUpMax = 256

const popularityTie = 1e-9

export function createNeighbours(options: NeighbourOptions): Neighbours {
  const co = createCoCounts('neighbours', options.neighboursPerItemMax)
  let events = new Float32Array(1024)
  /** 1/√n of every item, so that a cosine costs a product and no root. */
  let inverseRoots = new Float32Array(1024)
  const weights = new Float32Array(options.window)
  let dense = new Float32Array(0)
  /** The items scored last and their sums, for alone(). */
  const last = {
    user: -1,
    time: 0,
    changes: -1,
    items: new Int32Array(0),
    sums: new Float32Array(0),
  }
  /** Grows with every count: what was spread before is then out of date. */
  let changes = 0

  function similarity(a: number, b: number): number {
    const both = co.count(a, b)
    return both === 0 ? 0 : both * inverseRoots[a]! * inverseRoots[b]!
  }

  function meet(item: number): void {
    if (item >= events.length) {
      const size = Math.max(item + 1, 2 * events.length)
      const old = { events, inverseRoots }
      events = new Float32Array(size)
      events.set(old.events)
      inverseRoots = new Float32Array(size)
      inverseRoots.set(old.inverseRoots)
    }
    changes++
    events[item]!++
    inverseRoots[item] = 1 / Math.sqrt(events[item]!)
  }

  /** How many of the newest positives are in the window; their 1/√n_h go to `weights`. */
  function weigh({ users }: Moment): number {
    const end = Math.min(users.historyStart[1]!, options.window)
    for (let l = 0; l < end; l++) weights[l] = inverseRoots[users.historyItems[l]!] ?? 0
    return end
  }

  /** out[at + x] = Σ over places from ≤ l < to of the history, for a few items: probes of their tables. */
  function lookUp(
    moment: Moment,
    from: number,
    to: number,
    items: Int32Array,
    out: Float32Array,
    at: number,
  ): void {
    const { historyItems } = moment.users
    for (let x = 0; x < items.length; x++) {
      const i = items[x]!
      out[at + x] = (inverseRoots[i] ?? 0) * co.weighted(historyItems, weights, from, to, i)
    }
  }

  /** The same for many items: the neighbours of the history are added into a dense array. */
  function spread(
    moment: Moment,
    from: number,
    to: number,
    items: Int32Array,
    out: Float32Array,
    at: number,
  ): void {
    if (dense.length < events.length) dense = new Float32Array(events.length)
    else dense.fill(0)
    for (let l = from; l < to; l++) co.scatter(moment.users.historyItems[l]!, weights[l]!, dense)
    for (let x = 0; x < items.length; x++) {
      const i = items[x]!
      out[at + x] = (inverseRoots[i] ?? 0) * (dense[i] ?? 0)
    }
  }

  function keep(moment: Moment, items: Int32Array, out: Float32Array, at: number): void {
    if (last.items.length !== items.length) {
      last.items = new Int32Array(items.length)
      last.sums = new Float32Array(items.length)
    }
    last.user = moment.user
    last.time = moment.time
    last.changes = changes
    last.items.set(items)
    for (let x = 0; x < items.length; x++) last.sums[x] = out[at + x]!
  }

  function isLast({ user, time }: Moment, items: Int32Array): boolean {
    if (last.user !== user || last.time !== time || last.changes !== changes) return false
    return last.items.length === items.length && last.items.every((item, x) => item === items[x])
  }

  return {
    name: 'neighbours',
    features: ['neighbours.newest', 'neighbours'],
    start: [0, 0],
    similarity,
    alone(moment, items, out) {
      if (isLast(moment, items)) out.set(last.sums)
      else lookUp(moment, 0, weigh(moment), items, out, 0)
      for (let x = 0; x < items.length; x++) out[x]! += popularityTie * (events[items[x]!] ?? 0)
    },
    score(moment, items, out, offset) {
      const n = items.length
      const [few, all] = [offset * n, (offset + 1) * n]
      const end = weigh(moment)
      const recent = Math.min(end, newest)
      const sum = n <= lookUpMax ? lookUp : spread
      sum(moment, 0, recent, items, out, few)
      sum(moment, recent, end, items, out, all)
      for (let x = 0; x < n; x++) out[all + x]! += out[few + x]!
      if (n <= lookUpMax) keep(moment, items, out, all)
    },
    meet,
    observe(moment, item) {
      const { historyItems, historyStart } = moment.users
      const end = Math.min(historyStart[1]!, options.window)
      for (let l = 0; l < end; l++) {
        co.add(historyItems[l]!, item)
        co.add(item, historyItems[l]!)
      }
      meet(item)
    },
    get bytes() {
      return co.bytes + 3 * events.byteLength
    },
    save: () =>
      new Map<string, Tensor>([
        ...co.save(),
        ['neighbours.events', { shape: [events.length], data: events.slice() }],
      ]),
    restore(tensors) {
      co.restore(tensors)
      const saved = tensors.get('neighbours.events')?.data
      if (saved === undefined) return
      events = Float32Array.from(saved)
      inverseRoots = events.map((count) => (count > 0 ? 1 / Math.sqrt(count) : 0))
    },
  }
}
