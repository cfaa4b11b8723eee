// The pauses of growth: new items one by one around a million rows, the history part; and events of new users and new
// items around 2²⁰ of them, where tables double, in a trainer with all parts. There is room for all rows that are
// expected from 65,536 on, and other large arrays grow where they are, so nothing moves any more. Against a step of 11
// draws. Run: npm run bench -- growth

import { performance } from 'node:perf_hooks'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../src/config.ts'
import { bytesOf } from '../../src/learn/network/room.ts'
import { addAction, type TrainerBatch } from '../../src/messages.ts'
import { createCore } from '../../src/trainer/loop/core.ts'
import { draws, historySpec } from '../contracts/engine-worlds.ts'
import { createProcessorClock } from './lists/processor-clock.ts'
import type { BenchRow } from './store.ts'

const rows = 1_000_000
const added = 2_000
/** Users and items before the events that cross 2²⁰ of them. */
const known = 2 ** 20 - 1_000
/** Before those, so that the compiler has seen all of it. */
const warm = 500

export function growthBench(say: (line: string) => void): BenchRow[] {
  const spec = historySpec()
  const network = createWasmEngine().create(spec, 1, { users: 0, items: 2 * rows })
  network.grow(0, rows)
  const batch = draws(spec, { seed: 1, count: 11, users: 1, items: 10_000, history: 100 })
  const step = medianOf(Array.from({ length: 50 }, () => msOf(() => network.step(batch, 'each'))))
  const pauses = Array.from({ length: added }, (_, n) => msOf(() => network.grow(0, rows + 1 + n)))
  const [median, most] = [medianOf(pauses), Math.max(...pauses)]
  const perItem = (bytesOf(spec, 0, rows) - bytesOf(spec, 0, 0)) / rows
  say(`growth: ${Math.round(perItem)} bytes an item, largest pause ${most.toFixed(1)} ms`)
  const row = (name: string, value: number) => {
    const [unit, against] = ['ms', '11 draws']
    return {
      bench: 'growth',
      case: name,
      engine: 'wasm',
      value,
      unit,
      against,
      ratio: value / step,
    }
  }
  const name = 'history, NBPR, f 32, a new item at 1 M rows'
  const across = eventsAcross(say)
  const crossing = 'an event of a new user and a new item across 2^20'
  return [
    ...[row(`${name}, median`, median), row(`${name}, largest`, most)],
    ...[row(`${crossing}, median`, across.median), row(`${crossing}, largest`, across.most)],
  ]
}

/** How long an event takes, and how much of the processor at most, in ms. */
function eventsAcross(say: (line: string) => void): { median: number; most: number } {
  const { config } = readConfig({ flags: { itemsMax: 2 ** 21, source: 'kafka:events' }, env: {} })
  const core = createCore({ config, engine: createWasmEngine(), versionBase: 0 })
  const processorMs = createProcessorClock()
  const learn = (from: number, count: number, snapshot: boolean): void => {
    core.take(batchOf(from, count, snapshot), 0)
    while (core.hasWork) core.turn(count, 0)
    core.turn(1, 0)
  }
  for (let from = 0; from < known; from += 4_096) learn(from, Math.min(4_096, known - from), true)
  const times: number[] = []
  let most = 0
  for (let n = 0; n < warm + added; n++) {
    const before = processorMs()
    const ms = msOf(() => learn(known + n, 1, false))
    if (n < warm) continue
    times.push(ms)
    most = Math.max(most, processorMs() - before)
  }
  const median = medianOf(times)
  say(
    `growth: events across 2^20 users and items take ${median.toFixed(2)} ms, and of the processor at most ` +
      `${most.toFixed(1)} ms`,
  )
  return { median, most }
}

/** Events of one new user and one new item each. */
function batchOf(from: number, count: number, snapshot: boolean): TrainerBatch {
  const ids = Int32Array.from({ length: count }, (_, k) => from + k)
  return {
    ...{ stream: 'events-0', dead: {}, skipped: {}, snapshot, forgotten: new Int32Array(0) },
    newUsers: [...ids].map((id) => `user-${id}`),
    newItems: [...ids].map((id) => `item-${id}`),
    ...{ users: ids, items: ids, actions: new Uint8Array(count).fill(addAction) },
    times: Float64Array.from(ids, (id) => 1e12 + id),
    ...{ offsets: Float64Array.from(ids), nextOffset: from + count },
  }
}

function msOf(work: () => void): number {
  const before = performance.now()
  work()
  return performance.now() - before
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1]!
}
