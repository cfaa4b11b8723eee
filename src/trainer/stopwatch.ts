// What each part of the work on an event costs: time added up by name.

export interface Stopwatch {
  /** Does the work and adds the time that it took to the name's. */
  run<T>(name: string, work: () => T): T
  /** ms by name. */
  readonly spent: ReadonlyMap<string, number>
}

/** `nowMs`: a monotonic clock, finer than a µs. */
export function createStopwatch(nowMs: () => number): Stopwatch {
  const spent = new Map<string, number>()
  return {
    spent,
    run(name, work) {
      const from = nowMs()
      const result = work()
      spent.set(name, (spent.get(name) ?? 0) + nowMs() - from)
      return result
    },
  }
}

/** Where nobody asks what it costs. */
export const untimed: Stopwatch = { run: (_, work) => work(), spent: new Map() }
