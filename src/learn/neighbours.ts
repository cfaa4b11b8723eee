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

const popularityTie = 1e-9

export function createNeighbours(options: NeighbourOptions): Neighbours {
  const co = createCoCounts('neighbours', options.neighboursPerItemMax)
  let events = new Float32Array(1024)
  let dense = new Float32Array(0)

  function similarity(a: number, b: number): number {
    const both = co.count(a, b)
    return both === 0 ? 0 : both / Math.sqrt(events[a]! * events[b]!)
  }

  function meet(item: number): void {
    if (item >= events.length) {
      const more = new Float32Array(Math.max(item + 1, 2 * events.length))
      more.set(events)
      events = more
    }
    events[item]!++
  }

  function sumOver(moment: Moment, item: number, from: number, to: number): number {
    const { historyItems, historyStart } = moment.users
    const end = Math.min(historyStart[1]!, to)
    let sum = 0
    for (let l = from; l < end; l++) sum += similarity(historyItems[l]!, item)
    return sum
  }

  /** Once for the whole catalogue: the neighbours of the history are added into a dense array. */
  function spread(moment: Moment, from: number, to: number): void {
    const { historyItems, historyStart } = moment.users
    const end = Math.min(historyStart[1]!, to)
    for (let l = from; l < end; l++) {
      const h = historyItems[l]!
      co.scatter(h, (partner) => 1 / Math.sqrt(events[h]! * events[partner]!), dense)
    }
  }

  return {
    name: 'neighbours',
    features: ['neighbours.newest', 'neighbours'],
    start: [0, 0],
    similarity,
    alone(moment, items, out) {
      for (let x = 0; x < items.length; x++) {
        const i = items[x]!
        out[x] = sumOver(moment, i, 0, options.window) + popularityTie * (events[i] ?? 0)
      }
    },
    score(moment, items, out, offset) {
      const n = items.length
      const [few, all] = [offset * n, (offset + 1) * n]
      // Looking up one item costs `window` probes, spreading costs the neighbours of the window.
      if (n <= options.neighboursPerItemMax) {
        for (let x = 0; x < n; x++) {
          const recent = sumOver(moment, items[x]!, 0, newest)
          out[few + x] = recent
          out[all + x] = recent + sumOver(moment, items[x]!, newest, options.window)
        }
        return
      }
      if (dense.length < events.length) dense = new Float32Array(events.length)
      dense.fill(0)
      spread(moment, 0, newest)
      for (let x = 0; x < n; x++) out[few + x] = dense[items[x]!] ?? 0
      spread(moment, newest, options.window)
      for (let x = 0; x < n; x++) out[all + x] = dense[items[x]!] ?? 0
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
      return co.bytes + events.byteLength + dense.byteLength
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
      events = new Float32Array(saved.length)
      events.set(saved)
    },
  }
}
