// The program as a person starts it: `node dist/bin/main.js …` with files, pipes and signals. Its environment is
// empty but for the path: no server that other tests run is in reach.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Interaction, TopList } from '../../src/types.ts'
import { createWorld } from '../../src/world/world.ts'
import { packageRoot } from '../servers/versions.ts'

export const main = join(packageRoot, 'dist/bin/main.js')

export interface Ended {
  /** The exit code, or the name of the signal that ended it. */
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

export interface Program {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves once standard error holds the text; rejects when the process ends first. */
  said(text: string): Promise<void>
}

/** What a worker of a test sees: no setting and no server of the run around it, only what the test names. */
export function environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, TMPDIR: tmpdir(), ...env }
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  /** For standard input, which ends after it; without it there is none. */
  readonly input?: string
  /** Which file is started; left out: the program. */
  readonly entry?: string
}

export function start(
  args: readonly string[],
  { env = {}, input, entry = main }: StartOptions = {},
): Program {
  const child = spawn(process.execPath, [entry, ...args], {
    env: environment(env),
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  running.add(child)
  let [stdout, stderr] = ['', '']
  let over = false
  const listeners = new Set<() => void>()
  const wake = (): void => {
    for (const one of listeners) one()
  }
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    wake()
  })
  if (input !== undefined) child.stdin?.end(input)
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child)
      over = true
      resolve({ code: code ?? signal ?? 'unknown', stdout, stderr })
      wake()
    })
  })
  return {
    child,
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stderr.includes(text)) resolve()
          else if (over) reject(new Error(`ended without saying «${text}»:\n${stderr}`))
          else return
          listeners.delete(look)
        }
        listeners.add(look)
        look()
      }),
  }
}

export function run(args: readonly string[], options?: StartOptions): Promise<Ended> {
  return start(args, options).ended
}

/** A folder that is gone when the test process is. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'neupr-file-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Events of a small world with shared tastes and a few removals, in a file of lines of JSON. */
export function writeWorld(path: string, events: number): Interaction[] {
  const world = createWorld({
    seed: 11,
    users: 120,
    items: 320,
    events,
    days: 20,
    topics: 6,
    undo: 0.05,
  })
  const all = [...world.interactions()]
  writeFileSync(path, all.map((event) => `${JSON.stringify(event)}\n`).join(''))
  return all
}

export function jsonLines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

/** What each user has after the first `count` events: items in the order of their newest addition. */
export function setsAfter(events: readonly Interaction[], count = events.length) {
  const sets = new Map<string, Set<string>>()
  for (const { user, item, action } of events.slice(0, count)) {
    const own = sets.get(user) ?? new Set<string>()
    sets.set(user, own)
    if (action === 'REMOVE') own.delete(item)
    else own.add(item)
  }
  return sets
}

/** One sentence per fault of the lists, each against what its user had at its own position. */
export function faultsOf(
  lists: readonly TopList[],
  events: readonly Interaction[],
  k = 10,
): string[] {
  const known = new Set(events.map(({ item }) => item))
  const faults: string[] = []
  for (const { user, items, position } of lists) {
    const own = setsAfter(events.slice(0, position.offset + 1).filter((one) => one.user === user))
    const names = items.map(({ item }) => item)
    const at = `the list of ${user} at ${position.offset}`
    if (names.length !== k) faults.push(`${at} has ${names.length} items`)
    if (new Set(names).size !== names.length) faults.push(`${at} has an item twice`)
    for (const name of names) {
      if (own.get(user)?.has(name)) faults.push(`${at} has ${name}, which the user has`)
      if (!known.has(name)) faults.push(`${at} has ${name}, which nobody knows`)
    }
    if (items.some(({ score }) => !(score >= 0 && score <= 1))) faults.push(`${at} has a bad score`)
  }
  return faults
}
