// The part that counts neighbours: items chosen soon before or after each other by the same user (incremental
// ItemKNN). Nothing to train.
//
// Features of item i for user u: Σ over u's newest positives h of co(h,i) / √(n_h n_i), over the newest three and over
// the newest `window`; co counts how often h and i stood within `window` positives of each other and n how many
// events an item has had.

import { ChangedRows, liveState, stateOf, vectors } from '../../ports/live-state.ts'
import type { Moment, Part } from '../part.ts'
import { createCoCounts } from './co-counts.ts'
import { createList } from './partner-slots.ts'
import {
  addSomeSums,
  addSums,
  createSparseSums,
  emptySums,
  longer,
  raiseSums,
  takeSums,
} from './sparse-sums.ts'

export interface NeighbourOptions {
  /** How many of the user's newest positives count, in learning and in scoring. */
  readonly window: number
  /** Most neighbours an item keeps, and bytes of those of all items. */
  readonly neighboursPerItemMax: number
  readonly neighboursBytesMax?: number
  /** Of the feature over the whole window: see Part. */
  readonly returningUserBias?: number
}

/** The part, and the similarity of single items. */
export interface Neighbours extends Part {
  similarity(a: number, b: number): number
  /** Counts an event of the item that is only remembered: the item may be in histories from now on. */
  meet(item: number): void
  /** ItemKNN: the part as a recommender of its own, where popularity decides between items without neighbours. */
  alone(moment: Moment, items: Int32Array, out: Float32Array): void
}

/** The number of newest positives that have a feature of their own. */
const newest = 3
const popularityTie = 1e-9
/** Looking up one item takes as long as so many slots of a table that is read from end to end. */
const slotsPerLookup = 4

export function createNeighbours(options: NeighbourOptions): Neighbours {
  const co = createCoCounts('neighbours', options.neighboursPerItemMax, options.neighboursBytesMax)
  let events = new Float32Array(1024)
  const changed = new ChangedRows(3)
  /** 1/√n of every item, so that a cosine costs a product and no root. */
  let inverseRoots = new Float32Array(1024)
  /** By item, Σ weight_l · co(h_l, item) over the newest positives h_l and over those of the window after them. */
  let newer = createSparseSums(1024)
  let older = createSparseSums(1024)
  /** The history that they were computed for. */
  const spread = { history: createList(), changes: -1 }
  /** Grows with every count, after which earlier sums are out of date. */
  let changes = 0
  /** The items and the history of the newest call, for which `few` and `all` hold the features. */
  const asked = { items: createList(), history: createList(), changes: -1 }
  const weights = new Float64Array(options.window)
  /** The weights of a staged ranking. */
  const begun = { newer: 0, older: 0, any: false }
  let few = new Float64Array(0)
  let all = new Float64Array(0)

  function similarity(a: number, b: number): number {
    const both = co.count(a, b)
    return both === 0 ? 0 : both * inverseRoots[a]! * inverseRoots[b]!
  }

  function meet(item: number): void {
    if (item >= events.length) {
      const size = Math.max(item + 1, 2 * events.length)
      events = longer(events, size)
      inverseRoots = longer(inverseRoots, size)
    }
    changes++
    events[item]!++
    changed.mark(item)
    inverseRoots[item] = 1 / Math.sqrt(events[item]!)
  }

  /** Adds the neighbours of the whole history into arrays by item, once for all that is asked about a moment. */
  function ready(history: Int32Array): void {
    if (spread.changes === changes && spread.history.is(history)) return
    spread.history.become(history)
    spread.changes = changes
    emptySums(newer)
    emptySums(older)
    if (newer.sums.length <= events.length) {
      newer = createSparseSums(events.length)
      older = createSparseSums(events.length)
    }
    for (let l = 0; l < history.length; l++) {
      const item = history[l]!
      const weight = inverseRoots[item] ?? 0
      if (weight > 0) co.scatter(item, weight, l < newest ? newer : older)
    }
  }

  /**
   * Fills `few` and `all` for the items. Small tables are read from end to end, which is faster than looking up each
   * item in them; in large ones only the items asked for are looked up.
   */
  function ask(moment: Moment, items: Int32Array): void {
    const history = historyOf(moment)
    if (asked.changes === changes && asked.items.is(items) && asked.history.is(history)) return
    const n = items.length
    if (few.length !== n) {
      few = new Float64Array(n)
      all = new Float64Array(n)
    }
    let slots = 0
    for (const item of history) slots += co.slotsOf(item)
    if (slots < slotsPerLookup * n * history.length) {
      ready(history)
      takeSums(newer, items, few)
      takeSums(older, items, all)
    } else {
      for (let l = 0; l < history.length; l++) weights[l] = inverseRoots[history[l]!] ?? 0
      co.sumCounts(history.subarray(0, newest), weights, items, few)
      co.sumCounts(history.subarray(newest), weights.subarray(newest), items, all)
    }
    const [ofFew, ofAll, scales] = [few, all, inverseRoots]
    for (let x = 0; x < n; x++) {
      const scale = scales[items[x]!] ?? 0
      const own = ofFew[x]! * scale
      ofFew[x] = own
      ofAll[x] = own + scale * ofAll[x]!
    }
    asked.items.become(items)
    asked.history.become(history)
    asked.changes = changes
  }

  const counts = () => vectors('neighbours', { events })
  function historyOf({ users }: Moment): Int32Array {
    return users.historyItems.subarray(0, Math.min(users.historyStart[1]!, options.window))
  }

  return {
    name: 'neighbours',
    features: ['neighbours.newest', 'neighbours'],
    start: [0, 0],
    returningUserBias: [0, options.returningUserBias ?? 0],
    similarity,
    alone(moment, items, out) {
      ask(moment, items)
      for (let x = 0; x < items.length; x++) {
        out[x] = all[x]! + popularityTie * (events[items[x]!] ?? 0)
      }
    },
    score(moment, items, out, offset) {
      ask(moment, items)
      const n = items.length
      out.set(few, offset * n)
      out.set(all, (offset + 1) * n)
    },
    addAll(moment, n, own, sums) {
      const [few, all] = [own[0]!, own[1]!]
      if (few === 0 && all === 0) return
      ready(historyOf(moment))
      addSums(newer, few + all, inverseRoots, n, sums)
      addSums(older, all, inverseRoots, n, sums)
    },
    staged: {
      begin(moment, [few = 0, all = 0]) {
        Object.assign(begun, { newer: few + all, older: all, any: few !== 0 || all !== 0 })
        if (begun.any) ready(historyOf(moment))
      },
      addSome(items, count, sums, n) {
        if (!begun.any) return
        addSomeSums(newer, begun.newer, inverseRoots, n, items, count, sums)
        addSomeSums(older, begun.older, inverseRoots, n, items, count, sums)
      },
      raise(bounds) {
        if (!begun.any) return
        raiseSums(newer, begun.newer, inverseRoots, bounds)
        raiseSums(older, begun.older, inverseRoots, bounds)
      },
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
    dropItems(gone) {
      changes++
      co.drop(gone)
      for (let item = 0; item < events.length; item++) {
        if (gone[item] !== 1) continue
        events[item] = inverseRoots[item] = 0
        changed.mark(item)
      }
    },
    sweepItems(gone, from, to) {
      changes++
      co.dropPartners(gone, from, to)
    },
    get bytes() {
      return co.bytes + 2 * events.byteLength + 2 * newer.sums.byteLength
    },
    state: stateOf([co.state, liveState(changed, () => events.length, counts)]),
    restore(tensors) {
      co.restore(tensors)
      const saved = tensors.get('neighbours.events')?.data
      if (saved === undefined) return
      changes++
      events = Float32Array.from(saved)
      inverseRoots = events.map((count) => (count > 0 ? 1 / Math.sqrt(count) : 0))
    },
  }
}
