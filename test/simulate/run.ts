// Plays seeds of the simulator: `node dist/test/simulate/run.js --seed 17`, or `--seeds 5000 --from 1` for many; with
// `--core` around the trainer that a worker runs.

import { readCommandLine, wholeNumber } from '../runner/command-line.ts'
import { simulateCore } from './core.ts'
import { createLearnedModel, createToyModel } from './model.ts'
import { simulate } from './simulate.ts'

const usage = `usage: node dist/test/simulate/run.js [FLAG …]
Plays groups of workers whose every step is drawn from a seed, and says which seeds end wrongly.
  --seed N      one alone, with what came of it
  --seeds N     so many of them, from --from on: 1000
  --from N      1
  --workers N   3
  --learner     with a model that learns, in place of one that counts
  --core        around the trainer that a worker runs`
const { values } = readCommandLine(usage, {
  options: {
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '3' },
    learner: { type: 'boolean', default: false },
    core: { type: 'boolean', default: false },
  },
})
const one = values.seed === undefined ? undefined : wholeNumber('seed', values.seed, 0)
const first = one ?? wholeNumber('from', values.from, 0)
const count = one === undefined ? wholeNumber('seeds', values.seeds) : 1
const workers = wholeNumber('workers', values.workers)
const createModel = values.learner ? createLearnedModel : createToyModel
const began = performance.now()
for (let seed = first; seed < first + count; seed++) {
  try {
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
