// Bounds on what is kept and learned of a single user: told once each, when the first user reaches one.

import type { TrainerStats } from '../messages.ts'
import type { Logger } from '../ports/logger.ts'

export function createUserBounds(logger: Pick<Logger, 'warn'>): (stats: TrainerStats) => void {
  let isForgettingTold = false

  return ({ itemsForgotten }) => {
    if (itemsForgotten === 0 || isForgettingTold) return
    isForgettingTold = true
    logger.warn(
      'a user has more items than are kept of one: the oldest are given up and may be recommended again; ' +
        'raise --earlier-items-per-user-max',
      { itemsForgotten },
    )
  }
}
