// Processes as they are measured: time and CPU between two lines that a child says, of the child and of servers beside.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

export interface Span {
  readonly seconds: number
  /** From the second line to the end of the process. */
  readonly secondsAfter: number
  /** CPU seconds by name: `self` is the child. */
  readonly cpu: Readonly<Record<string, number>>
}

export interface Child {
  readonly script: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly from: string
  readonly to: string
  /** Called when the child says the second line. */
  readonly atEnd?: () => Promise<void>
}

/** Kernel clock ticks a second, on every Linux that Node runs on. */
const ticksPerSecond = 100

/** @throws Error with its last words when it ends before saying both. */
export async function measure(
  child: Child,
  beside: Readonly<Record<string, number>>,
): Promise<Span> {
  const running = spawn(process.execPath, [child.script, ...child.args], {
    env: { ...environment(), ...child.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const pids = { ...beside, self: running.pid ?? 0 }
  const read = () => ({ at: performance.now(), cpu: cpuOf(pids) })
  const words: string[] = []
  let start: ReturnType<typeof read> | undefined
  let end: ReturnType<typeof read> | undefined
  let looked: Promise<void> | undefined
  createInterface({ input: running.stderr }).on('line', (line) => {
    words.push(line)
    if (start === undefined && line.includes(child.from)) start = read()
    else if (end === undefined && line.includes(child.to)) {
      end = read()
      looked = child.atEnd?.()
    }
  })
  const code = await new Promise((resolve) => running.once('exit', resolve))
  const exitedAt = performance.now()
  await looked
  if (start === undefined || end === undefined || code !== 0) {
    throw new Error(`${child.script} ended with ${code}:\n${words.slice(-10).join('\n')}`)
  }
  const cpu: Record<string, number> = {}
  for (const [name, seconds] of Object.entries(end.cpu))
    cpu[name] = seconds - (start.cpu[name] ?? 0)
  return { seconds: (end.at - start.at) / 1000, secondsAfter: (exitedAt - end.at) / 1000, cpu }
}

/** User and system time so far, in seconds. */
function cpuOf(pids: Readonly<Record<string, number>>): Record<string, number> {
  const found: Record<string, number> = {}
  for (const [name, pid] of Object.entries(pids)) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    found[name] = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  }
  return found
}

/** The own variables of benches stay here: a worker refuses settings it does not know. */
function environment(): NodeJS.ProcessEnv {
  const given = Object.entries(process.env)
  return Object.fromEntries(given.filter(([name]) => !name.startsWith('NEUPR_BENCH_')))
}
