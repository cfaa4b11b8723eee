// A stream of as many users, items and events as a large shop has, made up as it is read: what a worker takes of time
// and memory for it, with checkpoints, and how each cost grows with size (the exponent of a power between the last two
// sizes). Every size is learned by a process of its own.
// Run: npm run bench -- size [--users 1000000 --items 300000 --events 10000000]; smaller ones of a quarter and a
// sixteenth come first.

import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom } from '../../src/sample/random.ts'
import { packageRoot } from '../servers/versions.ts'
import type { BenchRow } from './store.ts'

export interface SizeBench {
  readonly users: number
  readonly items: number
  readonly events: number
  readonly say: (line: string) => void
}

interface Costs {
  readonly 'resident memory': number
  readonly 'time an event': number
  readonly checkpoint: number
}

const units = { 'resident memory': 'MiB', 'time an event': 'µs', checkpoint: 'MiB' } as const
const divisors = [16, 4, 1]
const pollMs = 200
const linesAtOnce = 5_000

export async function sizeBench({ users, items, events, say }: SizeBench): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  let before: Costs | undefined
  for (const by of divisors) {
    const size = { users: users / by, items: items / by, events: events / by }
    const name = Object.entries(size)
      .map(([what, count]) => `${what}=${Math.round(count)}`)
      .join(' ')
    const found = await learn(size)
    for (const [what, value] of Object.entries(found) as [keyof Costs, number][]) {
      const exponent =
        before === undefined ? Number.NaN : Math.log(value / before[what]) / Math.log(4)
      const grows =
        before === undefined ? '' : `, grows with size to the power of ${exponent.toFixed(2)}`
      say(`size: ${name}: ${what} ${value.toFixed(1)} ${units[what]}${grows}`)
      rows.push({
        ...{ bench: 'size', case: `${name} ${what}`, engine: 'wasm', value, unit: units[what] },
        ...{ against: 'a quarter of it', ratio: before === undefined ? 1 : value / before[what] },
      })
    }
    before = found
  }
  return rows
}

/** `run` from standard input to nowhere, with its checkpoints. */
async function learn(size: Omit<SizeBench, 'say'>): Promise<Costs> {
  const folder = mkdtempSync(join(tmpdir(), 'neupr-size-'))
  try {
    const main = join(packageRoot, 'dist', 'src', 'main.js')
    const state = join(folder, 'state')
    const sink = `file:${join(folder, 'lists.ndjson')}`
    const flags = ['--source', 'file:-', '--sink', sink, '--checkpoints', state, '--stop-at-end']
    const started = performance.now()
    const child = spawn(process.execPath, [main, 'run', ...flags, '--gate', 'false'], {
      stdio: ['pipe', 'ignore', 'inherit'],
      env: { ...process.env, NEUPR_LOG_LEVEL: 'warn' },
    })
    let peak = 0
    const watch = setInterval(() => {
      peak = Math.max(peak, peakOf(child.pid))
    }, pollMs)
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    for (const lines of stream(size)) {
      if (!child.stdin.write(lines))
        await new Promise((resolve) => child.stdin.once('drain', resolve))
    }
    child.stdin.end()
    const code = await ended
    clearInterval(watch)
    if (code !== 0) throw new Error(`the worker ended with ${code}`)
    return {
      'resident memory': peak / 1024,
      'time an event': (1_000 * (performance.now() - started)) / size.events,
      checkpoint: bytesIn(state) / 2 ** 20,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** KiB at most so far; Linux keeps it. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw cause
  }
}

/** Lines of a file: popular items come often, and every user and item comes at least once. */
function* stream({ users, items, events }: Omit<SizeBench, 'say'>): Generator<string> {
  const random = createRandom(11, 'size')
  for (let k = 0; k < events; ) {
    let lines = k === 0 ? 'user\titem\ttimestamp\n' : ''
    for (const end = Math.min(events, k + linesAtOnce); k < end; k++) {
      const user = k < users ? k : random.below(users)
      const item = k < items ? k : Math.floor(items * random.unit() ** 3)
      lines += `u${user}\ti${item}\t${1_600_000_000 + k}\n`
    }
    yield lines
  }
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
