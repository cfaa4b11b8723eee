// What each part of the work on an event costs: time added up by name, without what reading the clock costs.

export interface Stopwatch {
  /** Does the work and adds the time that it took to the name's. */
  run<T>(name: string, work: () => T): T
  /** ms by name. */
  readonly spent: ReadonlyMap<string, number>
}

const emptyRuns = 2_000

/** `clock`: ms, finer than a µs. */
export function createStopwatch(clock: () => number): Stopwatch {
  const spent = new Map<string, number>()
  let reading = 0

  function run<T>(name: string, work: () => T): T {
    const from = clock()
    const result = work()
    spent.set(name, (spent.get(name) ?? 0) + clock() - from - reading)
    return result
  }

  for (let k = 0; k < emptyRuns; k++) run('nothing', () => undefined)
  reading = spent.get('nothing')! / emptyRuns
  spent.clear()
  return { run, spent }
}

/** Where nobody asks what it costs. */
export const untimed: Stopwatch = { run: (_, work) => work(), spent: new Map() }
