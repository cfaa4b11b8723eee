// Clocks that tests turn by hand: nothing waits for real time.

import type { Clock } from '../../../src/adapters/file/pace.ts'

/** Stands still; nobody may sleep by it. */
export const idleClock: Clock = {
  now: () => 0,
  sleep: async () => {
    throw new Error('nothing here has a reason to wait')
  },
}

export interface HandClock extends Clock {
  /** Resolves when somebody sleeps. */
  asleep(): Promise<void>
  /** Ends the sleep under way, its time passed. */
  wake(): void
}

export function createHandClock(): HandClock {
  let now = 0
  let sleeper: { readonly ms: number; readonly done: () => void } | undefined
  let watchers: (() => void)[] = []
  return {
    now: () => now,
    sleep(ms, signal) {
      if (signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const done = (): void => {
          sleeper = undefined
          signal.removeEventListener('abort', done)
          resolve()
        }
        sleeper = { ms, done }
        signal.addEventListener('abort', done)
        for (const watcher of watchers) watcher()
        watchers = []
      })
    },
    asleep() {
      if (sleeper !== undefined) return Promise.resolve()
      return new Promise((resolve) => watchers.push(resolve))
    },
    wake() {
      if (sleeper === undefined) throw new Error('nobody sleeps')
      now += sleeper.ms
      sleeper.done()
    },
  }
}

/** Every sleep passes at once, and its time with it. */
export function createFastClock(): Clock & { readonly slept: number[] } {
  let now = 0
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    async sleep(ms) {
      slept.push(ms)
      now += ms
    },
  }
}
