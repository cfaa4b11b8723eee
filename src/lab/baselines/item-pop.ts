// ItemPop: everybody gets the items that most users have. The lowest bar of every comparison.

import type { OfflineScorer } from '../offline/judge.ts'
import type { Split } from '../offline/leave-one-out.ts'

export function itemPop(split: Split): OfflineScorer {
  const counts = new Float32Array(split.items.length)
  for (const item of split.train.items) counts[item]!++
  return (_user, items, count, out) => {
    for (let x = 0; x < count; x++) out[x] = counts[items[x]!]!
  }
}
