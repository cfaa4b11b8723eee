// The part that counts neighbours: items chosen soon before or after each other by the same user (incremental
// ItemKNN). Nothing to train.
//
// Feature of item i for user u: Σ over u's newest positives h of co(h,i) / √(n_h n_i), where co counts how often h
// and i stood within `window` positives of each other and n how many events an item has had.

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
  /** The part as a recommender of its own: ties between items without neighbours go to the popular. */
  alone(moment: Moment, items: Int32Array, out: Float32Array): void
}

const popularityTie = 1e-9

export function createNeighbours(options: NeighbourOptions): Neighbours {
  const co = createCoCounts('neighbours', options.neighboursPerItemMax)
  let events = new Float32Array(1024)
  let dense = new Float32Array(0)

  function similarity(a: number, b: number): number {
    const both = co.count(a, b)
    return both === 0 ? 0 : both / Math.sqrt(events[a]! * events[b]!)
  }

  function sumOver(moment: Moment, item: number): number {
    const { historyItems, historyStart } = moment.users
    const end = Math.min(historyStart[1]!, options.window)
    let sum = 0
    for (let l = 0; l < end; l++) sum += similarity(historyItems[l]!, item)
    return sum
  }

  /** Once for the whole catalogue: the neighbours of the history are added into a dense array. */
  function spread(moment: Moment, size: number): void {
    if (dense.length < size) dense = new Float32Array(2 * size)
    dense.fill(0, 0, size)
    const { historyItems, historyStart } = moment.users
    const end = Math.min(historyStart[1]!, options.window)
    for (let l = 0; l < end; l++) {
      const h = historyItems[l]!
      co.scatter(h, (partner) => 1 / Math.sqrt(events[h]! * events[partner]!), dense)
    }
  }

  return {
    name: 'neighbours',
    features: ['neighbours'],
    start: [0],
    similarity,
    alone(moment, items, out) {
      for (let x = 0; x < items.length; x++) {
        const i = items[x]!
        out[x] = sumOver(moment, i) + popularityTie * (events[i] ?? 0)
      }
    },
    score(moment, items, out, offset) {
      const n = items.length
      // Looking up one item costs `window` probes, spreading costs the neighbours of the window.
      if (n <= options.neighboursPerItemMax) {
        for (let x = 0; x < n; x++) out[offset * n + x] = sumOver(moment, items[x]!)
        return
      }
      let size = 0
      for (let x = 0; x < n; x++) size = Math.max(size, items[x]! + 1)
      spread(moment, Math.max(size, events.length))
      for (let x = 0; x < n; x++) out[offset * n + x] = dense[items[x]!]!
    },
    observe(moment, item) {
      if (item >= events.length) {
        const more = new Float32Array(Math.max(item + 1, 2 * events.length))
        more.set(events)
        events = more
      }
      const { historyItems, historyStart } = moment.users
      const end = Math.min(historyStart[1]!, options.window)
      for (let l = 0; l < end; l++) {
        co.add(historyItems[l]!, item)
        co.add(item, historyItems[l]!)
      }
      events[item]!++
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
