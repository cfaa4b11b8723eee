// Writes a batch of windows into the kernel's memory: row numbers, dropped items, plans of the blocks, and which
// negative counts for which window.

import { dropoutFor, keptAt } from '../../../learn/windows/dropout.ts'
import type { SlidingSums } from '../../../learn/windows/sliding-sums.ts'
import type { WindowBatch } from '../../../ports/sequence-learner.ts'
import { type Place, planAt, type Sizes } from './batch-layout.ts'
import type { Machine } from './gradient.ts'

/** Added to a score that does not take part: its share of any sum is 0. */
const LEFT_OUT = -1e30

export function writeBatch(
  machine: Machine,
  place: Place,
  sizes: Sizes,
  batch: WindowBatch,
  plans: readonly SlidingSums[],
): void {
  const { kernel, layout, options, values } = machine
  const { floats, ints } = kernel
  const { windows, items, negatives } = sizes
  const dropout = dropoutFor(options.dropItems, batch.key, 'items')
  const rows = place.itemRows / 4
  const keep = place.keep / 4
  for (let x = 0; x < items; x++) {
    ints[rows + x] = batch.items[x]! + layout.shift
    floats[keep + x] = options.dropItems > 0 ? keptAt(dropout, x) : 1
  }
  let target = 0
  for (let w = 0; w < windows; w++) {
    const from = batch.start[w]!
    const to = batch.start[w + 1]!
    plans.forEach((plan, b) => {
      const at = planAt(place, sizes, b, from) / 4
      plan.fill(floats, ints, at, { from, to, times: batch.times, before: batch.before[w]! })
    })
    for (let x = to - batch.targets[w]!; x < to; x++, target++) {
      ints[place.targetIds / 4 + target] = batch.items[x]!
      ints[place.targetWindows / 4 + target] = w
    }
  }
  const given = batch.negatives.length
  floats.fill(1, place.ones / 4, place.ones / 4 + Math.max(target, negatives))
  ints.fill(0, place.negativeIds / 4, place.negativeIds / 4 + negatives)
  ints.set(batch.negatives, place.negativeIds / 4)
  const bias = layout.bias === undefined ? -1 : values / 4 + layout.bias.offset
  for (let w = 0; w < windows; w++) {
    const at = place.offsets / 4 + w * negatives
    for (let k = 0; k < negatives; k++) {
      const takes = k < given && batch.allowed[w * given + k] === 1
      floats[at + k] = takes ? (bias < 0 ? 0 : floats[bias + batch.negatives[k]!]!) : LEFT_OUT
    }
  }
}
