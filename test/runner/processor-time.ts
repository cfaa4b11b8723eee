// What the files of a test run cost: every process of tests writes down, at its end, how long it took and how much time
// of the processor it and the processes that it started took. A line each, because several end at once.

import { appendFileSync, existsSync, readFileSync } from 'node:fs'

export interface Cost {
  /** The file, or the files, that the process ran. */
  readonly name: string
  /** All in seconds. Of the processor: user and system time together. */
  readonly long: number
  readonly own: number
  /** Of the processes that it started and waited for: workers, servers. 0 where the system does not tell. */
  readonly started: number
}

/** To be called in a process of tests, before they begin. One that is killed leaves no line. */
export function writeCostAtExit(file: string, name: string): void {
  process.once('exit', () => appendFileSync(file, `${JSON.stringify(costOf(name))}\n`))
}

/** Of this process until now. */
export function costOf(name: string): Cost {
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  const own = (userCPUTime + systemCPUTime) / 1e6
  return { name, long: performance.now() / 1000, own, started: startedSeconds() }
}

export function readCosts(file: string): Cost[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Cost)
}

const ticksPerSecond = 100
const commandEnd = ') '
/** Places behind the command's name, which is in brackets and may hold anything. */
const [userOfStarted, systemOfStarted] = [13, 14]

/** Linux alone tells a process what those it has waited for took. */
function startedSeconds(): number {
  const statistics = '/proc/self/stat'
  if (!existsSync(statistics)) return 0
  const text = readFileSync(statistics, 'utf8')
  const fields = text.slice(text.lastIndexOf(commandEnd) + commandEnd.length).split(' ')
  return (Number(fields[userOfStarted]) + Number(fields[systemOfStarted])) / ticksPerSecond
}

/** As lines for a person: what took most of the processor, and what took longest. */
export function costLines(costs: readonly Cost[], runner: Cost, shown: number): string[] {
  const busy = ({ own, started }: Cost): number => own + started
  const tests = costs.reduce((sum, cost) => sum + busy(cost), 0)
  const servers = Math.max(0, runner.started - tests)
  const s = (seconds: number): string => `${seconds.toFixed(1)} s`
  const line = (cost: Cost): string =>
    `  ${s(busy(cost))}, of which ${s(cost.started)} in what it started, and ${s(cost.long)} long: ${cost.name}`
  const most = (of: (cost: Cost) => number): string[] =>
    [...costs]
      .sort((a, b) => of(b) - of(a))
      .slice(0, shown)
      .map(line)
  return [
    `${s(busy(runner))} of the processor in ${s(runner.long)}: ${s(tests)} in ${costs.length} processes of tests, ` +
      `${s(servers)} in shared servers, ${s(runner.own)} in the runner`,
    'the most of the processor:',
    ...most(busy),
    'the longest:',
    ...most(({ long }) => long),
  ]
}
