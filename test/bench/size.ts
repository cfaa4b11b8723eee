// A stream of as many users, items and events as a large shop has, made up as it is read: what a worker takes of time
// and memory for it, with checkpoints, and how each cost grows with size (the exponent of a power between the last two
// sizes). Every size is learned by a process of its own, which is started twice more from what the one before wrote,
// each time for a thousand events of users that it knows. What it does is told every half minute.
// Run: npm run bench -- size [--users 1000000 --items 300000 --events 10000000] [--sizes 16,4,1] [--json FILE], the
// smallest part first, or with sizes of their own: --sizes 62500x20000x600000,3000000x100000x3300000
//   --pretrained     learns the stream by `pretrain`, which makes no lists, so only the starts after it do
//   --effort light   --overload shed   as the settings of these names; with less learned of each event, what is kept of
//                    it is the same, in a fraction of the time
//   --effort none    only remembers the stream; what comes after the starts is learned in full
//   --learned N      so many events more, learned in full after a start, before all else is measured
//   --redis          positive sets lie in Redis, as in production, and not in the process
//   --neighbours-bytes-max N   as the setting of this name

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { feed, type Sizes, stream } from '../e2e/fed-program.ts'
import { main } from '../e2e/program.ts'
import { startRedis } from '../servers/redis/server.ts'
import type { Workshop } from '../servers/tools.ts'
import type { BenchRow } from './store.ts'

export interface SizeBench extends Workshop {
  /** One after the other. */
  readonly sizes: readonly Size[]
  readonly how: How
}

export interface Size extends Sizes {
  readonly events: number
}

interface How {
  /** `wait` or `shed`, and `full` or `light`, as the settings say, or `none`. */
  readonly overload: string
  readonly effort: string
  readonly isPretrained: boolean
  /** As the setting of this name; left out: its default. */
  readonly neighboursBytesMax?: number | undefined
  /** Events that come after those of the size and are learned in full, with the lists of their users. */
  readonly learned: number
  /** Positive sets lie in a Redis of its own, and not in the process. */
  readonly redis: boolean
}

const units = {
  'resident memory': 'MiB',
  'resident memory, learning in full': 'MiB',
  'memory by inspect': 'MiB',
  'time an event': 'µs',
  checkpoint: 'MiB',
  'first list after a start from it': 's',
  'first list after a start from what that wrote': 's',
  'resident memory after it': 'MiB',
} as const
type Costs = Partial<Record<keyof typeof units, number>>

const eventsAfterStart = 1_000

export async function sizeBench({ sizes, how, env, say }: SizeBench): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  let before: { readonly size: Size; readonly costs: Costs } | undefined
  for (const size of sizes) {
    const { users, items, events } = size
    const name = `users=${users} items=${items} events=${events}`
    const shop = { env, say: (line: string) => say(`size: ${name}: ${line}`) }
    const redis = how.redis ? await startRedis(shop, { fsync: 'everysec' }) : undefined
    const costs = await learn(size, how, redis?.url, shop.say).finally(() => redis?.stop())
    for (const [what, value] of Object.entries(costs) as [keyof Costs, number][]) {
      const times = before === undefined ? 1 : users / before.size.users
      const ratio = before === undefined ? 1 : value / before.costs[what]!
      const exponent = (Math.log(ratio) / Math.log(times)).toFixed(2)
      const grows = times === 1 ? '' : `, grows with users to the power of ${exponent}`
      say(`size: ${name}: ${what} ${value.toFixed(1)} ${units[what]}${grows}`)
      rows.push({
        ...{ bench: 'size', case: `${name} ${what}`, engine: 'wasm', value, unit: units[what] },
        ...{ against: before === undefined ? 'itself' : `1/${times} of the users`, ratio },
      })
    }
    before = { size, costs }
  }
  return rows
}

/** From standard input to standard output, with its checkpoints, and twice more from these. */
async function learn(
  size: Size,
  how: How,
  redis: string | undefined,
  say: (line: string) => void,
): Promise<Costs> {
  const folder = mkdtempSync(join(tmpdir(), 'neupr-size-'))
  const state = join(folder, 'state')
  const settings = settingsOf(size, how, state, redis)
  const run = ['run', '--source', 'file:-', '--sink', 'file:-', '--stop-at-end', ...settings.run]
  let known = size.events
  const more = (events: number) => {
    const pieces = stream(size, known, events)
    known += events
    return feed(run, { pieces, events, say: (line) => say(`started again: ${line}`) })
  }
  try {
    const past = how.isPretrained
      ? ['pretrain', '--data', '-', '--passes', '0', ...settings.both]
      : run
    const args = how.effort === 'none' ? [...past, '--training', 'false'] : past
    const pieces = stream(size, 0, size.events)
    const first = await feed(args, { pieces, events: size.events, say })
    say(`read in ${first.seconds.toFixed(0)} s with ${Math.round(first.peak / 1024)} MiB`)
    const after = how.learned > 0 ? await more(how.learned) : undefined
    const checkpoint = bytesIn(state) / 2 ** 20
    const said = execFileSync(process.execPath, [main, 'inspect', state, '--json'], {
      maxBuffer: 2 ** 28,
    })
    const inspected = JSON.parse(String(said)).memory.all as number
    const second = await more(eventsAfterStart)
    const third = await more(eventsAfterStart)
    return {
      'resident memory': first.peak / 1024,
      ...(after && { 'resident memory, learning in full': after.peak / 1024 }),
      'memory by inspect': inspected / 2 ** 20,
      'time an event': (1e6 * first.seconds) / size.events,
      checkpoint,
      'first list after a start from it': second.firstSeconds,
      'first list after a start from what that wrote': third.firstSeconds,
      'resident memory after it': third.peak / 1024,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function settingsOf({ users, items }: Size, how: How, state: string, redis: string | undefined) {
  const { overload, effort, neighboursBytesMax } = how
  const flags = (given: Record<string, string>) =>
    Object.entries(given).flatMap(([name, value]) => [`--${name}`, value])
  const both = flags({
    ...{ checkpoints: state, effort: effort === 'none' ? 'full' : effort },
    'users-max': String(Math.max(2_000_000, users)),
    'items-max': String(Math.max(1_000_000, items)),
    ...(neighboursBytesMax !== undefined && { 'neighbours-bytes-max': String(neighboursBytesMax) }),
  })
  const ofRun = flags({
    ...{ overload, gate: 'false' },
    ...(redis !== undefined && { redis }),
    // Else all of it would be made up for before the end.
    ...(overload === 'shed' && { 'debt-events-max': '0' }),
  })
  return { both, run: [...both, ...ofRun] }
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** `16,4,1`: parts of the whole; or sizes of their own, each as users x items x events. */
export function sizesOf(text: string, whole: Size): Size[] {
  return text.split(',').map((one) => {
    const numbers = one.split('x').map(Number)
    const [users = 0, items = 0, events = 0] = numbers
    const isFit = numbers.every((number) => Number.isInteger(number) && number > 0)
    if (isFit && numbers.length === 3) return { users, items, events }
    if (!isFit || numbers.length !== 1) {
      throw new Error(`--sizes needs parts of the whole or USERSxITEMSxEVENTS, got ${one}`)
    }
    const part = (of: number) => Math.round(of / users)
    return { users: part(whole.users), items: part(whole.items), events: part(whole.events) }
  })
}
