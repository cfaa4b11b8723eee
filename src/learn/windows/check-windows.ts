// What a batch of windows must be before loops without checks read it.

import type { WindowBatch } from '../../ports/sequence-learner.ts'
import { wantIds, wantLength } from '../network/check-batch.ts'

/** Throws RangeError. Returns how many targets there are. */
export function checkWindows(batch: WindowBatch, items: number): number {
  const { start, targets, before, negatives } = batch
  const windows = targets.length
  wantLength('start', start, windows + 1)
  wantLength('before', before, windows)
  const end = start[windows]!
  wantLength('items', batch.items, end)
  wantLength('times', batch.times, end)
  wantLength('allowed', batch.allowed, windows * negatives.length)
  wantIds('items', batch.items, 0, end, 0, items)
  wantIds('negatives', negatives, 0, negatives.length, 0, items)
  let count = 0
  for (let w = 0; w < windows; w++) {
    const given = start[w + 1]! - start[w]!
    const asked = targets[w]!
    if (start[0] !== 0 || asked < 1 || asked > given || before[w]! < 0) {
      throw new RangeError(
        `window ${w} has ${given} items and ${asked} targets, ${before[w]} before`,
      )
    }
    count += asked
  }
  if (count === 0) throw new RangeError('a batch needs a target')
  return count
}
