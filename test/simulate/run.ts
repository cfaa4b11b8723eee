// Plays seeds of the simulator: `node dist/test/simulate/run.js --seed 17`, or `--seeds 5000 --from 1` for many; with
// `--core` around the trainer that a worker runs.

import { parseArgs } from 'node:util'
import { simulateCore } from './core.ts'
import { createLearnedModel, createToyModel } from './model.ts'
import { simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '3' },
    learner: { type: 'boolean', default: false },
    core: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed ?? values.from)
const count = values.seed === undefined ? Number(values.seeds) : 1
const createModel = values.learner ? createLearnedModel : createToyModel
const began = performance.now()
for (let seed = first; seed < first + count; seed++) {
  try {
    const workers = Number(values.workers)
    const run = values.core
      ? simulateCore(seed, { workers })
      : simulate({ seed, workers, createModel })
    if (count === 1) process.stdout.write(`${JSON.stringify(run)}\n`)
  } catch (cause) {
    process.stdout.write(`seed ${seed}: ${cause instanceof Error ? cause.stack : String(cause)}\n`)
    process.exitCode = 1
  }
}
const minutes = (performance.now() - began) / 60_000
process.stdout.write(`${count} seeds, ${Math.round(count / minutes)} a minute\n`)
