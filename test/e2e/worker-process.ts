// The worker as a process of its own, as it is run for real: started with settings, watched, signalled, killed.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { environment, main } from './program.ts'

export interface WorkerProcess {
  readonly pid: number
  /** The exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>
  readonly lines: readonly string[]
  /** Resolves with the first line, past or coming, that holds the text; rejects when the process ends first. */
  said(text: string): Promise<string>
  signal(name: NodeJS.Signals): void
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
// A signal ends a process without that event.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

export function startWorker(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  heard?: (line: string) => void,
): WorkerProcess {
  const child = spawn(process.execPath, [main, 'run', ...args], {
    env: environment(env),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  running.add(child)
  const lines: string[] = []
  const listeners = new Set<() => void>()
  let over = false
  const ended = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(child)
      resolve(code ?? signal ?? 'unknown')
    })
    // Its last lines come after its exit.
    child.once('close', () => {
      over = true
      for (const wake of listeners) wake()
    })
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line)
    heard?.(line)
    for (const wake of listeners) wake()
  })
  return {
    pid: child.pid ?? 0,
    ended,
    lines,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => line.includes(text))
          if (found !== undefined) resolve(found)
          else if (over) reject(new Error(`ended without saying «${text}»:\n${lines.join('\n')}`))
          else return
          listeners.delete(look)
        }
        listeners.add(look)
        look()
      }),
    signal: (name) => void child.kill(name),
  }
}
