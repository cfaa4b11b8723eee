// Every row that learning writes to is known as changed: what a checkpoint holds of changed rows alone is the whole
// state. A single write without its mark fails here.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import type { Engine } from '../../../src/ports/engine.ts'
import { type LiveRows, type Run, widthOf } from '../../../src/ports/live-state.ts'
import { copyOf } from '../../../src/trainer/checkpoint/whole-state.ts'
import { createCore } from '../../../src/trainer/loop/core.ts'
import { createFollower } from '../../ports/follower.ts'
import { configOf, streamOf } from '../stream.ts'

const stream = streamOf(1_200)
const paper = { parts: 'rows', model: 'neupr', tower: 'joint', factors: 4, depth: 3 }
const adam = { optimizer: 'adam', optimizerRate: 0.0005, denseRate: 0.0005, newRows: 'mean' }
const worlds: [string, () => Engine, Record<string, unknown>][] = [
  ['the default parts in WebAssembly', createWasmEngine, {}],
  ['the default parts in arrays', createArraysEngine, {}],
  ['small tables of neighbours', createWasmEngine, { neighboursPerItemMax: 8 }],
  ["the paper's network in WebAssembly", createWasmEngine, paper],
  ["the paper's network in arrays", createArraysEngine, { ...paper, ...adam }],
]

for (const [what, engine, flags] of worlds) {
  test(`changed rows are all that changed: ${what}`, () => {
    const config = configOf({ listStaleEvents: 1_000, probeUsersMax: 30, ...flags })
    const core = createCore({ config, engine: engine(), versionBase: 0 })
    const saved = createFollower(core.live.state)
    const small = { read: 0, all: 0 }
    for (const [k, batch] of stream.entries()) {
      const forgotten = k % 5 === 4 ? batch.users.slice(0, 2) : batch.forgotten
      core.take({ ...batch, forgotten }, 0)
      while (core.hasWork) {
        core.turn(40, 0)
        core.rank(0)
        if (k % 3 > 0) continue
        compare(saved.next(), copyOf(core.live.state), `batch ${k}`)
      }
      core.turn(1, 0)
      if (k % 4 === 1) core.replay()
      if (k === 9) {
        core.lists.assign({ streams: ['world'], gained: ['world'], versionBase: 10_000 })
      }
    }
    const whole = copyOf(core.live.state)
    compare(saved.next(), whole, 'at the end')
    core.replay()
    compare(saved.next(), copyOf(core.live.state), 'after a replay')
    small.read = saved.read
    for (const { data } of whole.values()) small.all += data.length
    assert.ok(small.read < small.all, `${small.read} of ${small.all} numbers were read`)
  })
}

for (const [what, engine, flags] of worlds) {
  test(`held rows are given before they are written to: ${what}`, () => {
    const config = configOf({ listStaleEvents: 1_000, probeUsersMax: 30, ...flags })
    const core = createCore({ config, engine: engine(), versionBase: 0 })
    let kept = 0
    for (const [k, batch] of stream.slice(0, 8).entries()) {
      const tables = core.live.state.live.filter(({ canBeHeld }) => canBeHeld)
      assert.ok(tables.length > 1)
      const checks = tables.map((rows) => holdAll(rows))
      core.take(batch, 0)
      while (core.hasWork) core.turn(40, 0)
      core.turn(1, 0)
      if (k % 4 === 1) core.replay()
      for (const check of checks) kept += check()
    }
    assert.ok(kept > 1_000, `${kept} rows`)
  })
}

/** Holds all rows. The function that is returned says how many were given, all of them as they were. */
function holdAll(table: LiveRows): () => number {
  const height = table.rows
  const copies = new Map(
    [...table.columns()].map(([name, { read }]) => [name, read(0, height).slice()]),
  )
  let given = 0
  const check = ({ from, to }: Run): void => {
    for (const [name, { read, rowShape }] of table.columns()) {
      const width = widthOf(rowShape)
      const then = copies.get(name)!.subarray(from * width, to * width)
      assert.deepEqual(read(from, to), then, `${name} from ${from}`)
    }
  }
  table.changed.markAll()
  table.changed.hold(height, (runs) => {
    given += runs.length
    runs.forEach(check)
  })
  return () => {
    const isGiven = given
    for (let from = 0; ; ) {
      const run = table.changed.takeHeld(from, 64)
      if (run === undefined) return isGiven
      check(run)
      from = run.to
    }
  }
}

function compare(
  got: ReturnType<typeof copyOf>,
  want: ReturnType<typeof copyOf>,
  when: string,
): void {
  assert.deepEqual([...got.keys()].sort(), [...want.keys()].sort(), when)
  for (const [name, { shape, data }] of want) {
    const other = got.get(name)!
    assert.deepEqual(other.shape, shape, `${name} ${when}`)
    const bytes = (one: typeof data) => Buffer.from(one.buffer, one.byteOffset, one.byteLength)
    if (bytes(other.data).equals(bytes(data))) continue
    const at = data.findIndex((value, k) => !Object.is(value, other.data[k]))
    assert.fail(`${name} differs at ${at}, ${when}`)
  }
}
