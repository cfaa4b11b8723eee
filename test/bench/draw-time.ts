// Microseconds per draw of the worker's learned parts: `each`, four negatives, each the best of four.
// Processor time, so that other load on the machine counts less; compares nothing by itself.
// Run: node dist/test/bench/draw-time.js

import { createArraysEngine } from '../../src/adapters/arrays/engine.ts'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import type { DrawBatch, Engine, NetworkSpec } from '../../src/ports/engine.ts'
import { draws, historySpec, rowsSpec } from '../contracts/engine-worlds.ts'

const USERS = 6_000
const ITEMS = 3_260
const PASSES = 9
const DRAWS = 400

/** Microseconds per draw, the least and the median of the passes. */
export function timeDraws(engine: Engine, spec: NetworkSpec, batch: DrawBatch): [number, number] {
  const network = engine.create(spec, 1)
  network.grow(USERS, ITEMS)
  const times: number[] = []
  for (let pass = 0; pass < PASSES; pass++) {
    const before = process.cpuUsage().user
    network.step(batch, 'each')
    times.push((process.cpuUsage().user - before) / batch.count)
  }
  times.sort((a, b) => a - b)
  return [times[0]!, times[PASSES >> 1]!]
}

if (process.argv[1] === import.meta.filename) {
  const engines = [createArraysEngine(), createWasmEngine()]
  const user = { model: 'neupr', tower: 'user', depth: 4 } as const
  const frozen = { kind: 'sgd', rate: 0, l2: 0 } as const
  const cases: [string, NetworkSpec, number][] = [
    ['history nbpr, history of 140 rows', historySpec(), 100],
    ['history nbpr, history of 20 rows', historySpec(), 20],
    ['rows nbpr', rowsSpec(), 0],
    ['history neupr, user tower, dense frozen', historySpec({ ...user, dense: frozen }), 100],
    ['history neupr, user tower, dense Adam', historySpec(user), 100],
    ['rows neupr, user tower, dense Adam', rowsSpec(user), 0],
  ]
  console.log(`f = 32, ${DRAWS} draws a pass, µs per draw`)
  for (const [name, spec, history] of cases) {
    const batch = draws(spec, { seed: 3, count: DRAWS, users: USERS, items: ITEMS, history })
    for (const engine of engines) {
      const [least, median] = timeDraws(engine, spec, batch)
      const times = `least ${least.toFixed(2)}  median ${median.toFixed(2)}`
      console.log(`${name.padEnd(44)} ${engine.name.padEnd(8)} ${times}`)
    }
  }
}
