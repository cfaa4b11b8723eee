// What each part of the work on an event costs: time added up by name, without what reading the clock costs.

import type { Timed } from '../../trainer/model/plan.ts'

export interface Stopwatch {
  /** Does the work and adds the time that it took to the name's. */
  readonly run: Timed
  /** ms by name, never below 0. */
  spent(): ReadonlyMap<string, number>
}

const emptyRuns = 2_000

/** `clock`: ms, finer than a µs. */
export function createStopwatch(clock: () => number): Stopwatch {
  const sums = new Map<string, { ms: number; runs: number }>()

  function run<T>(name: string, work: () => T): T {
    const from = clock()
    const result = work()
    const took = clock() - from
    const sum = sums.get(name) ?? { ms: 0, runs: 0 }
    sum.ms += took
    sum.runs++
    sums.set(name, sum)
    return result
  }

  for (let k = 0; k < emptyRuns; k++) run('nothing', () => undefined)
  const msPerReading = sums.get('nothing')!.ms / emptyRuns
  sums.clear()
  return {
    run,
    // Work that takes less than a reading of the clock may come out below zero.
    spent: () =>
      new Map(
        [...sums].map(([name, { ms, runs }]) => [name, Math.max(0, ms - runs * msPerReading)]),
      ),
  }
}
