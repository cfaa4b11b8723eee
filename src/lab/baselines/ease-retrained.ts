// EASE on a stream: retrained every `everyEvents` events on everything known, and scoring with what the user has at
// that moment. A fair baseline for a model that learns while events arrive.

import type { MakeBaseline } from '../../measure/prequential.ts'
import { easeWeights } from './ease.ts'

export interface RetrainedOptions {
  readonly lambda: number
  /** Events from one training to the next. */
  readonly everyEvents: number
  /** The most popular items that take part: the cost of training grows with the cube of their number. */
  readonly itemsMax: number
}

export function easeRetrained(options: RetrainedOptions): MakeBaseline {
  return (positives) => {
    let observed = 0
    /** The row of each item in the weights, -1 for those that took no part. */
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
