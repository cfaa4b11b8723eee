// A stream of as many users, items and events as a large shop has, made up as it is read: what a worker takes of time
// and memory for it, with checkpoints, and how each cost grows with size (the exponent of a power between the last two
// sizes). Every size is learned by a process of its own, which is started once more from what it wrote and learns a
// thousand events of users that it knows.
// Run: npm run bench -- size [--users 1000000 --items 300000 --events 10000000] [--sizes 16,4,1] [--overload shed]
// The smallest part comes first. With --overload shed events get as little of the work as when too many come: what is
// kept of them is the same, in a fraction of the time.

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom } from '../../src/sample/random.ts'
import { packageRoot } from '../servers/versions.ts'
import type { BenchRow } from './store.ts'

export interface SizeBench extends Size {
  /** What the whole is divided by, one after the other. */
  readonly divisors: readonly number[]
  readonly say: (line: string) => void
}

interface Size {
  readonly users: number
  readonly items: number
  readonly events: number
  /** `wait` or `shed`, as the setting says. */
  readonly overload: string
}

const units = {
  'resident memory': 'MiB',
  'memory by inspect': 'MiB',
  'time an event': 'µs',
  checkpoint: 'MiB',
  'start from it': 's',
  'resident memory after it': 'MiB',
} as const
type Costs = Record<keyof typeof units, number>

const pollMs = 200
const eventsAfterStart = 1_000
const linesAtOnce = 5_000
const program = join(packageRoot, 'dist', 'src', 'main.js')

export async function sizeBench({ divisors, say, ...whole }: SizeBench): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  let before: { readonly by: number; readonly costs: Costs } | undefined
  for (const by of divisors) {
    const part = (of: number) => Math.round(of / by)
    const [users, items, events] = [part(whole.users), part(whole.items), part(whole.events)]
    const name = `users=${users} items=${items} events=${events}`
    const costs = await learn({ ...whole, users, items, events })
    for (const [what, value] of Object.entries(costs) as [keyof Costs, number][]) {
      const times = before === undefined ? 1 : before.by / by
      const ratio = before === undefined ? 1 : value / before.costs[what]
      const exponent = (Math.log(ratio) / Math.log(times)).toFixed(2)
      const grows = before === undefined ? '' : `, grows with size to the power of ${exponent}`
      say(`size: ${name}: ${what} ${value.toFixed(1)} ${units[what]}${grows}`)
      rows.push({
        ...{ bench: 'size', case: `${name} ${what}`, engine: 'wasm', value, unit: units[what] },
        ...{ against: before === undefined ? 'itself' : `1/${times} of it`, ratio },
      })
    }
    before = { by, costs }
  }
  return rows
}

/** `run` from standard input to nowhere, with its checkpoints, and once more from these. */
async function learn(size: Size): Promise<Costs> {
  const folder = mkdtempSync(join(tmpdir(), 'neupr-size-'))
  try {
    const first = await run(folder, size, stream(size, 0, size.events))
    const state = join(folder, 'state')
    const checkpoint = bytesIn(state) / 2 ** 20
    const said = execFileSync(process.execPath, [program, 'inspect', state, '--json'])
    const inspected = JSON.parse(String(said)).memory.all as number
    const again = await run(folder, size, stream(size, size.events, eventsAfterStart))
    return {
      'resident memory': first.peak / 1024,
      'memory by inspect': inspected / 2 ** 20,
      'time an event': (1e6 * first.seconds) / size.events,
      checkpoint,
      'start from it': again.seconds,
      'resident memory after it': again.peak / 1024,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Seconds from the start to the end of the process, and KiB that it took at most. */
async function run(folder: string, { users, items, overload }: Size, events: Iterable<string>) {
  const flags = {
    source: 'file:-',
    sink: `file:${join(folder, 'lists.ndjson')}`,
    checkpoints: join(folder, 'state'),
    overload,
    // Else all of it would be made up for before the end.
    ...(overload === 'shed' && { 'debt-events-max': '0' }),
    gate: 'false',
    'users-max': String(Math.max(2_000_000, users)),
    'items-max': String(Math.max(1_000_000, items)),
  }
  const given = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  const started = performance.now()
  const child = spawn(process.execPath, [program, 'run', ...given, '--stop-at-end'], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { ...process.env, NEUPR_LOG_LEVEL: 'warn' },
  })
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid))
  }, pollMs)
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  for (const lines of events) {
    if (!child.stdin.write(lines))
      await Promise.race([ended, new Promise((resolve) => child.stdin.once('drain', resolve))])
  }
  child.stdin.end()
  const code = await ended
  clearInterval(watch)
  if (code !== 0) throw new Error(`the worker ended with ${code}`)
  return { seconds: (performance.now() - started) / 1_000, peak }
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
function* stream({ users, items }: Size, from: number, count: number): Generator<string> {
  const random = createRandom(11 + from, 'size')
  for (let k = from; k < from + count; ) {
    let lines = k === from ? 'user\titem\ttimestamp\n' : ''
    for (const end = Math.min(from + count, k + linesAtOnce); k < end; k++) {
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
