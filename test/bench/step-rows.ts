// Does a step cost more when the tables are larger? The paper's NeuPR (f = 8, batch 256, Adam on rows)
// over tables of 20 k, 200 k and 1 M rows, in turn, so that other load meets all of them alike.
// Run: node dist/test/bench/step-rows.js [wasm|arrays|tfjs|tensorflow …] [--json FILE]

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createArraysEngine } from '../../src/adapters/arrays/engine.ts'
import { createTfjsEngine } from '../../src/adapters/tfjs/engine.ts'
import { loadTensors } from '../../src/adapters/tfjs/load.ts'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import type { Engine } from '../../src/ports/engine.ts'
import { paperBatch, paperSpec } from './paper.ts'

const SIZES = [20_000, 200_000, 1_000_000]
const BATCH = 256
const ROUNDS = 61

const spec = paperSpec(8)

export interface RowsTime {
  readonly rows: number
  readonly milliseconds: number
  /** Against the smallest tables. */
  readonly ratio: number
}

/** Median processor time of a step, half of the rows users and half items. */
export function stepTimes(engine: Engine): RowsTime[] {
  const worlds = SIZES.map((rows) => {
    const network = engine.create(spec, 1)
    network.grow(rows / 2, rows / 2)
    // The system hands out memory at its first use, page by page: that is growth, not a step.
    for (const { data } of network.tensors().values()) {
      for (let at = 0; at < data.length; at += 512) data[at] = data[at]!
    }
    return { rows, network, times: [] as number[] }
  })
  for (let round = 0; round < ROUNDS; round++) {
    for (const { rows, network, times } of worlds) {
      const world = { seed: round, users: rows / 2, items: rows / 2 }
      const batch = paperBatch(spec, { ...world, instances: BATCH })
      const before = process.cpuUsage()
      network.step(batch, 'together')
      const { user, system } = process.cpuUsage(before)
      times.push((user + system) / 1000)
    }
  }
  const medians = worlds.map(({ times }) => times.sort((a, b) => a - b)[ROUNDS >> 1]!)
  return worlds.map(({ rows }, n) => ({
    rows,
    milliseconds: medians[n]!,
    ratio: medians[n]! / medians[0]!,
  }))
}

async function engineNamed(name: string): Promise<Engine> {
  if (name === 'wasm') return createWasmEngine()
  if (name === 'arrays') return createArraysEngine()
  const want = name === 'tensorflow' ? 'native' : 'pure'
  return createTfjsEngine(await loadTensors(want, process.env))
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'string' } },
  })
  const lines: object[] = []
  for (const name of positionals.length > 0 ? positionals : ['wasm', 'arrays', 'tfjs']) {
    const engine = await engineNamed(name)
    for (const { rows, milliseconds, ratio } of stepTimes(engine)) {
      const time = `${milliseconds.toFixed(1)} ms a step`
      console.log(
        `${engine.name.padEnd(10)} ${String(rows).padStart(8)} rows  ${time}  × ${ratio.toFixed(2)}`,
      )
      const found = {
        case: `${rows} rows`,
        engine: engine.name,
        value: milliseconds,
        unit: 'ms/step',
      }
      lines.push({ bench: 'rows', ...found, against: `${SIZES[0]} rows`, ratio })
    }
  }
  if (values.json)
    writeFileSync(values.json, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}
