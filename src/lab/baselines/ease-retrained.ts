// EASE on a stream: trained anew on all that is known whenever another share of the stream has passed, and scoring with
// what the user has at the moment. The honest opponent for a model that learns while events come.

import type { MakeOpponent } from '../../measure/opponent.ts'
import { easeWeights } from './ease.ts'

export interface RetrainedOptions {
  readonly lambda: number
  /** Events from one training to the next. */
  readonly everyEvents: number
  /** The most taken items that take part; training costs the third power of them. */
  readonly itemsMax: number
}

export function easeRetrained(options: RetrainedOptions): MakeOpponent {
  return (positives) => {
    let observed = 0
    /** Row in the weights of each item, -1 for those that took no part. */
    let rowOf = new Int32Array(0)
    let weights: Float32Array = new Float32Array(0)
    let size = 0

    function train(): void {
      const { runs, holders, users } = positives
      const taken = Array.from({ length: positives.items }, (_, item) => item)
        .filter((item) => holders[item]! > 0)
        .sort((a, b) => holders[b]! - holders[a]! || a - b)
        .slice(0, options.itemsMax)
      size = taken.length
      rowOf = new Int32Array(positives.items).fill(-1)
      for (const [row, item] of taken.entries()) rowOf[item] = row
      const gramian = new Float64Array(size * size)
      for (let user = 0; user < users; user++) {
        const first = runs.start[user]!
        const own = Array.from(
          runs.items.subarray(first, first + runs.length[user]!),
          (item) => rowOf[item]!,
        ).filter((row) => row >= 0)
        for (const row of own) for (const other of own) gramian[row * size + other]!++
      }
      weights = easeWeights(gramian, size, options.lambda)
    }

    return {
      name: 'ease',
      score({ user, users }, items, out) {
        const { runs } = positives
        const first = runs.start[user] ?? 0
        const before = users.historyLength[0]!
        for (let x = 0; x < items.length; x++) {
          const column = rowOf[items[x]!] ?? -1
          let sum = 0
          for (let place = first; column >= 0 && place < first + before; place++) {
            const row = rowOf[runs.items[place]!] ?? -1
            if (row >= 0) sum += weights[row * size + column]!
          }
          out[x] = sum
        }
      },
      observe() {
        if (++observed % options.everyEvents === 0) train()
      },
    }
  }
}
