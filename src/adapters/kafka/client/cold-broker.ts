// Patience with a broker that has just started, or has just made a topic: it answers, but does not lead or coordinate
// what it will lead in a moment.

import { setTimeout as delay } from 'node:timers/promises'
import { isBrokerCold } from './failures.ts'

const coldTriesMax = 40
const coldPauseMs = 250

/**
 * A broker that has just started says for a second or two that it does not coordinate the group, and one that has
 * just made a topic that it does not lead it.
 */
export async function retryWhileCold<T>(
  ask: () => Promise<T>,
  isCold: (error: unknown) => boolean = isBrokerCold,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if (!isCold(error) || tries >= coldTriesMax) throw error
      await delay(coldPauseMs)
    }
  }
}
