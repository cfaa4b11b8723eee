// The pauses of growth: new items one by one around a million rows, the history part. There is room for all rows that
// are expected from 65,536 on, so nothing moves any more. Against a step of 11 draws. Run: npm run bench -- growth

import { performance } from 'node:perf_hooks'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { bytesOf } from '../../src/learn/network/room.ts'
import { draws, historySpec } from '../contracts/engine-worlds.ts'
import type { BenchRow } from './store.ts'

const rows = 1_000_000
const added = 2_000

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
  return [row(`${name}, median`, median), row(`${name}, largest`, most)]
}

function msOf(work: () => void): number {
  const before = performance.now()
  work()
  return performance.now() - before
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1]!
}
