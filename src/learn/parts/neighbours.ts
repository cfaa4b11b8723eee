// The part that counts neighbours: items chosen soon before or after each other by the same user (incremental
// ItemKNN). Nothing to train.
//
// Features of item i for user u, h_l the l-th newest of u's positives, v_l = co(h_l,i) / √(n_l n_i): sums of v_l over
// some lags l each and over the newest `window`; and, where asked for, the largest and the second largest v_l, bent: a
// close neighbour tells much, a closer one little more. co counts how often h_l and i stood within `window` positives
// of each other and n how many events an item has had. And what came right after h_1: see successors.ts.

import { longer } from '../../arrays.ts'
import type { Catalogue } from '../../ports/catalogue.ts'
import { ChangedRows, liveState, stateOf, vectors } from '../../ports/live-state.ts'
import type { Moment, Part } from '../part.ts'
import { createCoCounts } from './co-counts.ts'
import { bent, createLagFeatures, type LagOptions, namesOf } from './cosines.ts'
import { createItemTerms, joined, type Terms } from './item-terms.ts'
import { createList } from './partner-slots.ts'
import { bentTerms, createSparseSums, emptySums, plainSums } from './sparse-sums.ts'
import { createSuccessors, successorShare } from './successors.ts'

export interface NeighbourOptions extends LagOptions {
  /** How many of the user's newest positives count, in learning and in scoring. */
  readonly window: number
  /** Ascending, below `window`: lags up to each of them, from the one before it on, have a feature of their own. */
  readonly lagEnds: readonly number[]
  /** Whether the largest and the second largest have features. */
  readonly hasLargest: boolean
  /** Whether what came right after the newest has one. */
  readonly hasNext?: boolean
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
  meet(item: number, weight?: number): void
  /** ItemKNN: the part as a recommender of its own, where popularity decides between items without neighbours. */
  alone(moment: Moment, items: Int32Array, out: Float32Array): void
}

const popularityTie = 1e-9
/** What one co-occurrence counts once there are events that weigh less: counts are whole numbers. */
const unitOfWeights = 1_000

/** `catalogue`: adds up counts, where an engine has a faster way. */
export function createNeighbours(options: NeighbourOptions, catalogue?: Catalogue): Neighbours {
  const { window, lagEnds, hasLargest } = options
  const ends = Int32Array.of(...lagEnds, window)
  const [bins, own] = [ends.length, namesOf(options)]
  const { neighboursPerItemMax: perItemMax, neighboursBytesMax = Number.MAX_VALUE } = options
  const forNext = options.hasNext === true ? successorShare * neighboursBytesMax : 0
  const names = forNext > 0 ? [...own, 'neighbours.next'] : own
  const co = createCoCounts('neighbours', perItemMax, neighboursBytesMax - forNext)
  let events: Float32Array = new Float32Array(1024)
  const changed = new ChangedRows(3)
  /** 1/√n of every item, so that a cosine costs a product and no root. */
  let inverseRoots: Float32Array = new Float32Array(1024)
  /** What one co-occurrence counts. */
  let unit = 1
  /** Grows with every count, after which earlier features are out of date. */
  let changes = 0
  const lags = createLagFeatures(ends, catalogue)
  const counted = () => ({ events, unit })
  const next =
    forNext > 0
      ? createSuccessors({ perItemMax, bytesMax: forNext, feature: own.length }, counted)
      : undefined
  /** The items and the history of the newest call, which `lags` holds the features for. */
  const asked = { items: createList(), history: createList(), changes: -1 }
  const tables = () => vectors('neighbours', { events })
  const units = () =>
    unit === 1 ? new Map() : vectors('neighbours', { unit: Int32Array.of(unit) })
  /** What the items of a whole catalogue have of a history. */
  let all = createSparseSums(events.length, catalogue?.countSums() ?? plainSums())

  function similarity(a: number, b: number): number {
    const both = co.count(a, b)
    return both === 0 ? 0 : (both / unit) * inverseRoots[a]! * inverseRoots[b]!
  }

  function meet(item: number, weight = 1): void {
    if (item >= events.length) {
      const size = Math.max(item + 1, 2 * events.length)
      events = longer(events, size)
      inverseRoots = longer(inverseRoots, size)
    }
    changes++
    events[item]! += weight
    changed.mark(item)
    inverseRoots[item] = 1 / Math.sqrt(events[item]!)
  }

  /** Finds the features of the items. */
  function ask(moment: Moment, items: Int32Array): void {
    const history = historyOf(moment)
    if (asked.changes === changes && asked.items.is(items) && asked.history.is(history)) return
    lags.find(co, history, items, inverseRoots, unit)
    asked.items.become(items)
    asked.history.become(history)
    asked.changes = changes
  }

  /** Adds the neighbours of the history into `all`, by item. */
  function addNeighbours(moment: Moment, weights: Float32Array): void {
    if (all.items < events.length) all = createSparseSums(events.length, all.found)
    else emptySums(all)
    const history = historyOf(moment)
    let b = 0
    for (let l = 0; l < history.length; l++) {
      if (l >= ends[b]!) b++
      const root = (inverseRoots[history[l]!] ?? 0) / unit
      const own = b < bins - 1 ? weights[b]! : 0
      if (root > 0) co.scatter(history[l]!, root, weights[bins - 1]! + own, all)
    }
    all.found.flush()
  }

  const ofLags = createItemTerms((moment, weights): Terms | undefined => {
    if (weights.subarray(0, own.length).every((weight) => weight === 0)) return undefined
    addNeighbours(moment, weights)
    const [ofLargest, ofSecond] = hasLargest ? [weights[bins]!, weights[bins + 1]!] : [0, 0]
    return bentTerms(all, inverseRoots, events.length, { ofLargest, ofSecond, bent })
  })

  function historyOf({ users }: Moment): Int32Array {
    return users.historyItems.subarray(0, Math.min(users.historyStart[1]!, window))
  }

  return {
    ...(next === undefined ? ofLags : joined(ofLags, next.terms)),
    name: 'neighbours',
    features: names,
    start: names.map(() => 0),
    isScaled: true,
    returningUserBias: names.map((_, f) => (f === bins - 1 ? (options.returningUserBias ?? 0) : 0)),
    similarity,
    alone(moment, items, out) {
      ask(moment, items)
      // Looked up once: a variable that a closure may replace is read again in every pass of a loop.
      const [{ sums }, counts, known] = [lags, events, events.length]
      for (let x = 0; x < items.length; x++) {
        const i = items[x]!
        out[x] = sums[x]! + popularityTie * (i < known ? counts[i]! : 0)
      }
    },
    score(moment, items, out, offset) {
      ask(moment, items)
      const n = items.length
      out.set(lags.features.subarray(0, own.length * n), offset * n)
      next?.read(moment, items, out, (offset + own.length) * n)
    },
    meet,
    observe(moment, item, weight = 1) {
      if (weight !== 1 && unit === 1) {
        unit = unitOfWeights
        co.scale(unit)
        next?.scale(unit)
      }
      const more = Math.round(unit * weight)
      const { historyItems, historyStart } = moment.users
      const end = Math.min(historyStart[1]!, window)
      for (let l = 0; l < end; l++) {
        co.add(historyItems[l]!, item, more)
        // An item that weighs more than before may stand in the history itself.
        if (historyItems[l] !== item) co.add(item, historyItems[l]!, more)
      }
      next?.observe(moment, item, more)
      meet(item, weight)
    },
    dropItems(gone) {
      changes++
      co.drop(gone)
      next?.dropItems(gone)
      for (let item = 0; item < events.length; item++) {
        if (gone[item] !== 1) continue
        events[item] = inverseRoots[item] = 0
        changed.mark(item)
      }
    },
    sweepItems(gone, from, to) {
      changes++
      co.dropPartners(gone, from, to)
      next?.sweepItems(gone, from, to)
    },
    get bytes() {
      return co.bytes + (next?.bytes ?? 0) + 2 * events.byteLength + (3 * 8 + 4) * all.items
    },
    state: stateOf([
      co.state,
      ...(next === undefined ? [] : [next.state]),
      liveState(changed, () => events.length, tables, units),
    ]),
    restore(tensors) {
      co.restore(tensors)
      next?.restore(tensors)
      const saved = tensors.get('neighbours.events')?.data
      if (saved === undefined) return
      changes++
      unit = tensors.get('neighbours.unit')?.data[0] ?? 1
      events = Float32Array.from(saved)
      inverseRoots = events.map((count) => (count > 0 ? 1 / Math.sqrt(count) : 0))
    },
  }
}
