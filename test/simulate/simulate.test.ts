// Groups of workers under every order of steps that some hundred seeds lead to; and faults planted on purpose, which
// have to be found. A seed that fails is played again with `node dist/test/simulate/run.js --seed N`.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulateCore } from './core.ts'
import { createLearnedModel, createToyModel } from './model.ts'
import { simulate } from './simulate.ts'
import type { Fault } from './worker.ts'

const seeds = 300
const learnedSeeds = 4
const coreSeeds = 6

test(`${seeds} seeds: bases are equal, and every event is learned once`, () => {
  const sums = { records: 0, passedOver: 0, crashes: 0, moves: 0 }
  for (let seed = 1; seed <= seeds; seed++) {
    const run = simulated(seed, () => simulate({ seed, createModel: createToyModel }))
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += run[name]
  }
  // The runs are worth something only if things went wrong in them.
  assert.ok(
    sums.passedOver > seeds && sums.crashes > seeds && sums.moves > seeds,
    JSON.stringify(sums),
  )
})

test('the same with the real learner', () => {
  for (let seed = 1; seed <= learnedSeeds; seed++) {
    simulated(seed, () => simulate({ seed, steps: 200, createModel: createLearnedModel }))
  }
})

test('the same around the trainer that a worker runs, with its checkpoints', () => {
  for (let seed = 1; seed <= coreSeeds; seed++) simulated(seed, () => simulateCore(seed))
})

for (const fault of ['commits what is not in the log', 'skips a record after a restart'] as const) {
  test(`a fault of that worker is found: ${fault}`, () => {
    assert.ok(
      findsFault((seed) => simulateCore(seed, { fault })),
      'no seed shows it',
    )
  })
}

test('the same seed gives the same run', () => {
  const run = () => simulate({ seed: 5, createModel: createToyModel })
  assert.deepEqual(run(), run())
})

const faults: readonly Fault[] = [
  'skips a record',
  'one name for two',
  'begins too early',
  'mixes up two items',
]
for (const fault of faults) {
  test(`a planted fault is found: ${fault}`, () => {
    const play = (seed: number) => simulate({ seed, createModel: createToyModel, fault })
    assert.ok(findsFault(play), 'no seed of twenty shows it')
  })
}

function findsFault(play: (seed: number) => unknown): boolean {
  return Array.from({ length: 20 }, (_, k) => k + 1).some((seed) => {
    try {
      play(seed)
      return false
    } catch {
      return true
    }
  })
}

function simulated<T>(seed: number, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    throw new Error(`seed ${seed}`, { cause })
  }
}
