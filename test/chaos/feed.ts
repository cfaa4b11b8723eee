// The stream of a chaos run: sent evenly, whatever happens to the broker meanwhile.

import { setTimeout as delay } from 'node:timers/promises'
import type { Entry } from '../e2e/journal.ts'
import type { Scene } from '../e2e/scene.ts'

export interface Feeding {
  /** Resolves when all entries are sent. */
  readonly ended: Promise<void>
  isOver(): boolean
  /** The rest goes out as fast as the broker takes it. */
  hurry(): void
}

const chunk = 50
const triesMax = 50
const tryAgainMs = 200

/** Sends all entries over about `overMs` milliseconds. */
export function feed(scene: Scene, journal: readonly Entry[], overMs: number): Feeding {
  let isOver = false
  const hurried = new AbortController()

  async function send(): Promise<void> {
    const started = performance.now()
    for (let at = 0; at < journal.length; at += chunk) {
      await insist(() => scene.produce(journal.slice(at, at + chunk), at))
      const early = started + (overMs * at) / journal.length - performance.now()
      if (early <= 0 || hurried.signal.aborted) continue
      await delay(early, undefined, { signal: hurried.signal }).catch((error: Error) => {
        if (error.name !== 'AbortError') throw error
      })
    }
    isOver = true
  }

  const ended = send()
  // Whoever waits for the end hears of a failure; until then it is nobody's.
  ended.catch(() => undefined)
  return { ended, isOver: () => isOver, hurry: () => hurried.abort() }
}

async function insist(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await work()
      return
    } catch (error) {
      if (tries === triesMax) throw error
      await delay(tryAgainMs)
    }
  }
}
