// Bounds on what is kept and learned of a single user: told once each, when the first user reaches one.

import type { TrainerStats } from '../messages.ts'
import type { Logger } from '../ports/logger.ts'

/** A user's key may be long, and is more than a log needs. */
const keyMax = 40

export function createUserBounds(logger: Pick<Logger, 'warn'>): (stats: TrainerStats) => void {
  let isForgettingTold = false
  let isExcessTold = false

  return ({ itemsForgotten, excessEvents, excessUser }) => {
    if (itemsForgotten > 0 && !isForgettingTold) {
      isForgettingTold = true
      logger.warn(
        'a user has more items than are kept: the oldest are forgotten and may be recommended again; ' +
          'raise --earlier-items-per-user-max',
        { itemsForgotten },
      )
    }
    if (excessUser === undefined || isExcessTold) return
    isExcessTold = true
    const user = excessUser.length > keyMax ? `${excessUser.slice(0, keyMax)}…` : excessUser
    logger.warn(
      'one user sends more than --user-share-max of the events: is it a program? All of them are remembered, but ' +
        'only that share is learned',
      { user, excessEvents },
    )
  }
}
