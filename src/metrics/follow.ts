// Turns totals that somebody else counts into the growth since the last look. The first total is the base:
// a trainer that goes on from a checkpoint starts at a million steps, and none of them happened now.

import type { Count } from './instruments.ts'

/** Gives `count` what `total` grew by; a total that fell (a trainer put back to a checkpoint) is a new base. */
export function createFollower(count: Count): (total: number) => void {
  let last: number | undefined
  return (total) => {
    if (!Number.isFinite(total)) return
    if (last !== undefined && total > last) count.add(total - last)
    last = total
  }
}
