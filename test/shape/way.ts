// Which files an event and a triplet really pass, counted by V8 while the built worker plays two files of events: those
// with a function that was called at least once (a triplet: twenty times) for each event that the longer one has more.
// What happens at the start alone does not count. A record is a batch itself here, and the engine is the one of plain
// loops, so that no step is hidden in a larger call or in WebAssembly.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createWorld } from '../../src/world/world.ts'

export interface Way {
  readonly event: readonly string[]
  readonly triplet: readonly string[]
}

interface Coverage {
  readonly result: readonly {
    readonly url: string
    readonly functions: readonly {
      readonly ranges: readonly { readonly startOffset: number; readonly count: number }[]
    }[]
  }[]
}

const none = { startOffset: 0, count: 0 }
const events = [1_000, 2_500] as const
/** An event has dozens of triplets; what is called as often draws or learns them, unless it ranks or measures. */
const callsPerEvent = { event: 1, triplet: 20 } as const
const ranks = /\/(rank|lists|measure|evaluate|publish|messages)\b|\/rank[^/]*\.ts$/

/** @throws Error when a run fails */
export async function wayOfAnEvent(root: string): Promise<Way> {
  const [few, many] = [callsIn(root, events[0]), callsIn(root, events[1])]
  const more = events[1] - events[0]
  const calledFor = (each: number) =>
    [...many]
      .filter(([file, calls]) => {
        const before = few.get(file)
        return [...calls].some(([at, count]) => count - (before?.get(at) ?? 0) >= each * more)
      })
      .map(([file]) => file)
      .sort()
  return {
    event: calledFor(callsPerEvent.event),
    triplet: calledFor(callsPerEvent.triplet).filter((file) => !ranks.test(file)),
  }
}

/** By file, the calls of each of its functions, by where it begins. */
function callsIn(root: string, count: number): Map<string, Map<number, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'neupr-shape-'))
  const [input, coverage] = [join(folder, 'events.ndjson'), join(folder, 'coverage')]
  const world = createWorld({ seed: 3, users: 200, items: 300, events: count, days: 10, topics: 4 })
  writeFileSync(input, [...world.interactions()].map((one) => `${JSON.stringify(one)}\n`).join(''))
  const run = ['run', '--source', `file:${input}`, '--sink', `file:${join(folder, 'lists')}`]
  const how = ['--stop-at-end', '--deterministic', '--engine', 'arrays', '--batch-records-max', '1']
  const where = ['--checkpoints', join(folder, 'checkpoints')]
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'dist', 'src', 'main.js'), ...run, ...how, ...where],
    { encoding: 'utf8', env: { ...process.env, NODE_V8_COVERAGE: coverage } },
  )
  if (status !== 0) throw new Error(`the run ended with ${status}: ${stderr}`)
  const calls = new Map<string, Map<number, number>>()
  const built = join(root, 'dist', 'src')
  for (const name of readdirSync(coverage)) {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as Coverage
    for (const { url, functions } of result) {
      const file = url.startsWith('file:') ? fileURLToPath(url) : ''
      if (!file.startsWith(built)) continue
      const source = `src${file.slice(built.length).replace(/\.js$/, '.ts')}`
      const all = functions.map(({ ranges: [{ startOffset, count } = none] }) => {
        return [startOffset, count] as const
      })
      calls.set(source, new Map(all))
    }
  }
  rmSync(folder, { recursive: true })
  return calls
}
