// What of a worker's processor time is whose: of its main thread, of the trainer's, and of V8's own, which compile and
// collect garbage. As Linux tells it; elsewhere nobody does.

import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Seconds of processor time since the start. */
export interface ThreadTimes {
  readonly main: number
  /** Of what is not the main one, that with the most: it learns. */
  readonly trainer: number
  readonly others: number
}

/** Linux counts in hundredths of a second here, whatever its clock. */
const ticksPerSecond = 100

/** undefined: not to be known. @throws Error when there is no such process */
export function threadTimesOf(pid: number): ThreadTimes | undefined {
  if (!existsSync('/proc/self/task')) return undefined
  const folder = `/proc/${pid}/task`
  const seconds = new Map(readdirSync(folder).map((id) => [Number(id), secondsOf(folder, id)]))
  const main = seconds.get(pid) ?? 0
  seconds.delete(pid)
  const all = [...seconds.values()]
  const trainer = Math.max(0, ...all)
  return { main, trainer, others: all.reduce((sum, one) => sum + one, 0) - trainer }
}

function secondsOf(folder: string, id: string): number {
  const text = readFileSync(`${folder}/${id}/stat`, 'utf8')
  // The second field is a name in brackets, which may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** By how many seconds all together have grown; undefined: not known of each. */
export function threadsGrown(
  from: readonly (ThreadTimes | undefined)[],
  to: readonly (ThreadTimes | undefined)[],
): ThreadTimes | undefined {
  const sum = { main: 0, trainer: 0, others: 0 }
  for (const [k, after] of to.entries()) {
    const before = from[k]
    if (before === undefined || after === undefined) return undefined
    for (const of of ['main', 'trainer', 'others'] as const) sum[of] += after[of] - before[of]
  }
  return sum
}
