// Adam on touched rows with the catch-up gives what dense Adam gives, at the cost of the touched rows.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catchUpRow, currentRow } from '../../../src/learn/network/adam-catch-up.ts'
import { updateRow } from '../../../src/learn/network/rows.ts'
import { createStore, growStore } from '../../../src/learn/network/store.ts'
import { numbers, rowsSpec } from '../../contracts/engine-worlds.ts'

const ROWS = 40
const RATE = 0.01
const WIDTH = 8

/** Dense Adam in doubles: all rows in every step, as the paper's framework did it. */
function denseAdam(start: Float64Array) {
  const w = start.slice()
  const m = new Float64Array(w.length)
  const v = new Float64Array(w.length)
  return {
    w,
    step(gradient: Float64Array, t: number) {
      for (let d = 0; d < w.length; d++) {
        m[d] = 0.9 * m[d]! + 0.1 * gradient[d]!
        v[d] = 0.999 * v[d]! + 0.001 * gradient[d]! ** 2
        const first = m[d]! / (1 - 0.9 ** t)
        w[d] = w[d]! - (RATE * first) / (Math.sqrt(v[d]! / (1 - 0.999 ** t)) + 1e-7)
      }
    },
  }
}

/** The largest distance from dense Adam, in units of the learning rate; rows touched with `chance`. */
function run(steps: number, chance: number, catchUp: boolean): number {
  const adam = { kind: 'adam', rate: RATE, l2: 0 } as const
  const store = createStore(rowsSpec({ factors: WIDTH, rows: adam }), 3)
  growStore(store, 3, ROWS, 1)
  const table = store.layout.sourceN!
  const from = table.values
  const dense = denseAdam(Float64Array.from(store.floats.subarray(from, from + ROWS * WIDTH)))
  const next = numbers(9)
  for (let t = 1; t <= steps; t++) {
    const gradient = new Float64Array(ROWS * WIDTH)
    for (let row = 0; row < ROWS; row++) {
      if (next() >= chance) continue
      for (let d = 0; d < WIDTH; d++) gradient[row * WIDTH + d] = 0.02 * (next() - 0.4)
      if (catchUp) catchUpRow(store, table, row)
      updateRow(store, table, row, 0, gradient, row * WIDTH, 1, t)
    }
    dense.step(gradient, t)
    store.ints[store.layout.steps] = t
  }
  let worst = 0
  for (let row = 0; row < ROWS; row++) {
    const at = catchUp ? currentRow(store, table, row, 0) : from + row * WIDTH
    for (let d = 0; d < WIDTH; d++) {
      worst = Math.max(worst, Math.abs(store.floats[at + d]! - dense.w[row * WIDTH + d]!) / RATE)
    }
  }
  return worst
}

test('rows touched one step in twenty end within .1 % of one step of dense Adam', () => {
  for (const steps of [5, 30, 300, 3000]) {
    const distance = run(steps, 0.05, true)
    console.log(steps, distance)
    assert.ok(distance < 0.001, `${steps} steps: ${distance} steps apart`)
  }
})

test('rows touched very seldom too', () => {
  const distance = run(5000, 0.001, true)
  assert.ok(distance < 0.001, `${distance} steps apart`)
})

test('without the catch-up they end more than a whole step away', () => {
  assert.ok(run(300, 0.05, false) > 1)
})

test('a currentRow at a row changes no byte but the scratch', () => {
  const adam = { kind: 'adam', rate: RATE, l2: 0 } as const
  const store = createStore(rowsSpec({ factors: WIDTH, rows: adam }), 3)
  growStore(store, 3, ROWS, 1)
  const table = store.layout.sourceN!
  updateRow(store, table, 2, 0, new Float64Array(WIDTH).fill(0.1), 0, 1, 1)
  store.ints[store.layout.steps] = 9
  const before = store.floats.slice()
  const at = currentRow(store, table, 2, 1)
  assert.notDeepEqual(
    store.floats.slice(at, at + WIDTH),
    before.slice(table.values + 2 * WIDTH, table.values + 3 * WIDTH),
  )
  const { scratch, scratchColumns } = store.layout
  store.floats.fill(0, scratch, scratch + 2 * scratchColumns)
  assert.deepEqual(store.floats, before)
})
