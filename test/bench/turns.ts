// For how long the trainer of a large catalogue does nothing but one thing, during which no message is read and no
// question answered: events of turns, lists of rounds, pieces of reports, of checkpoints and of spare time, from its
// first step after a start on, and how much of the longest was garbage collection. Beside the clock, the processor time
// of this thread alone, which no other load of the machine lengthens. A real stream is learned and tiled as for
// `lists`; its events come again at a steady pace.
// Run: npm run bench -- turns [--items 100000,1000000] [--events 40000]; NEUPR_BENCH_STREAM names a stream.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { createDiskCheckpointStore } from '../../src/adapters/disk/checkpoint-store.ts'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../src/config.ts'
import { addAction, type TrainerBatch } from '../../src/messages.ts'
import { createRandom } from '../../src/sample/random.ts'
import { createCheckpointer } from '../../src/trainer/loop/checkpointer.ts'
import { createCore } from '../../src/trainer/loop/core.ts'
import { createTurns } from '../../src/trainer/loop/pacing.ts'
import { createListReporter, createStatsReporter } from '../../src/trainer/loop/reporters.ts'
import { createSpareTime } from '../../src/trainer/loop/spare-time.ts'
import { watchCollections } from './lists/collections.ts'
import { createProcessorClock } from './lists/processor-clock.ts'
import { learnStream, nameAll, type TiledWorld, tile } from './lists/tiled-world.ts'
import type { BenchRow } from './store.ts'
import { type StreamEvent, streamEvents } from './stream-events.ts'

const [seconds, rate] = [40, 60]
/** What nothing may take longer than. */
const goalMs = 50

export interface TurnsBench {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly say: (line: string) => void
  readonly items: readonly number[]
  /** Learned before; the newest of the stream. */
  readonly events: number | undefined
}

export async function turnsBench({
  env,
  say,
  items,
  events: learned = 40_000,
}: TurnsBench): Promise<BenchRow[]> {
  const events = (await streamEvents(env.NEUPR_BENCH_STREAM)).slice(-learned)
  const rows: BenchRow[] = []
  for (const size of items) {
    const { pieces, collectedMs } = await longestOf(events, size)
    for (const [what, { ms, cpuMs, count, from }] of pieces) {
      const collected = collectedMs(from, from + ms).toFixed(1)
      say(
        `turns: ${size} items: pieces of ${what} at most ${ms.toFixed(1)} ms, ${collected} of them garbage ` +
          `collection; ${cpuMs.toFixed(1)} of processor time at most (${count} of them)`,
      )
      rows.push({
        ...{ bench: 'turns', case: `items=${size} longest ${what}`, engine: 'wasm' },
        ...{
          value: Number(ms.toFixed(2)),
          unit: 'ms',
          against: `goal ${goalMs}`,
          ratio: ms / goalMs,
        },
      })
    }
  }
  return rows
}

interface Longest {
  ms: number
  /** When the longest one began. */
  from: number
  /** The most that one took of the processor: what the clock says beyond is the machine's. */
  cpuMs: number
  count: number
}

async function longestOf(
  events: readonly StreamEvent[],
  size: number,
): Promise<{
  readonly pieces: ReadonlyMap<string, Longest>
  readonly collectedMs: (from: number, to: number) => number
}> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'))
  const flags = { checkpointEverySeconds: 10, source: 'kafka:events' }
  const { config } = readConfig({ flags, env: {} })
  const core = createCore({ config, engine: createWasmEngine(), versionBase: 0 })
  const world = learnStream(core.learner, events, size)
  tile(world, size)
  nameAll(core)
  const nowMs = (): number => performance.now()
  const report = (): void => undefined
  const store = createDiskCheckpointStore({ directory, kept: 2, bytesMax: 2 ** 34 })
  const checkpointer = createCheckpointer({
    ...{ config, store, core, nextGeneration: 1, nowMs, report },
  })
  const reporting = { nowMs, workMs: nowMs, report }
  const [lists, stats] = [createListReporter(config, reporting), createStatsReporter(reporting)]
  const [spareTime, turns] = [createSpareTime(nowMs), createTurns(false)]
  const longest = createLongest()
  const next = batchesOf(world)
  const collections = watchCollections()
  try {
    const from = nowMs()
    for (let sent = 0; nowMs() - from < seconds * 1_000; ) {
      const due = Math.floor(((nowMs() - from) / 1_000) * rate) - sent
      if (due > 0) {
        sent += due
        core.take(next(due), nowMs())
      }
      const most = turns.events(checkpointer.turnEvents(config.turnEvents))
      const begunMs = nowMs()
      const learned = longest.time('turn', (between) => core.turn(most, begunMs, between))
      turns.took(learned, nowMs() - begunMs)
      longest.time('round', (between) => lists.round(core, true, between))
      await longest.timeAsync('checkpoint', (between) => checkpointer.work(core, between))
      longest.time('report', (between) => stats.reportIfDue(core, between))
      await setImmediate()
      if (core.hasWork) continue
      longest.time('round', (between) => lists.rest(core, between))
      if (core.lists.pauseLeft(nowMs()) === 0) continue
      const { more } = longest.time('spare time', (between) => spareTime.use(core, between))
      if (more || core.lists.waiting > 0) continue
      longest.time('stale lists', (between) => lists.unasked(core, between))
    }
    return { pieces: longest.all, collectedMs: await collections.end() }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** Events of the stream's users, most of them of its items, some of the tiled ones. */
function batchesOf({ events, learner, now }: TiledWorld): (count: number) => TrainerBatch {
  const random = createRandom(5)
  let offset = 0
  return (count) => {
    const some = Array.from({ length: count }, () => events[random.below(events.length)]!)
    const from = offset
    offset += count
    return {
      ...{ stream: 'events-0', newUsers: [], newItems: [], dead: {}, skipped: {} },
      users: Int32Array.from(some, ({ user }) => user),
      items: Int32Array.from(some, ({ item }) => {
        return random.below(4) === 0 ? random.below(learner.positives.items) : item
      }),
      actions: new Uint8Array(count).fill(addAction),
      times: Float64Array.from(some, (_, n) => now + 1_000 * (from + n)),
      offsets: Float64Array.from(some, (_, n) => from + n),
      ...{ nextOffset: offset, forgotten: new Int32Array(0), snapshot: false },
    }
  }
}

/** Of everything that is timed the longest piece: from one call of `between` to the next, or to the end. */
function createLongest() {
  const all = new Map<string, Longest>()
  const processorMs = createProcessorClock()
  const now = () => ({ ms: performance.now(), cpu: processorMs() })
  let begun = now()

  function end(what: string): void {
    const { ms: endMs, cpu: endCpu } = now()
    const ms = endMs - begun.ms
    const known = all.get(what) ?? { ms: 0, from: 0, cpuMs: 0, count: 0 }
    all.set(what, {
      ms: Math.max(known.ms, ms),
      from: ms > known.ms ? begun.ms : known.from,
      cpuMs: Math.max(known.cpuMs, endCpu - begun.cpu),
      count: known.count + 1,
    })
  }

  /** Nobody asks. */
  const next = (what: string): boolean => {
    end(what)
    begun = now()
    return false
  }

  return {
    all,
    time<T>(what: string, work: (between: () => boolean) => T): T {
      begun = now()
      const result = work(() => next(what))
      end(what)
      return result
    },
    async timeAsync(what: string, work: (between: () => void) => Promise<unknown>): Promise<void> {
      begun = now()
      await work(() => next(what))
      end(what)
    },
  }
}
