// A simulated group of the trainers that workers run.

import { type CoreFault, coreConfig, createCoreWorker, type Outside } from './core-worker.ts'
import { createLearnedModel } from './model.ts'
import { type Simulated, type Simulation, simulate } from './simulate.ts'

const numbersMax = 1e6

export function simulateCore(
  seed: number,
  { fault, ...around }: Partial<Omit<Simulation, 'fault'>> & { readonly fault?: CoreFault } = {},
): Simulated {
  const outside: Outside = { sets: new Map(), committed: new Map(), saved: new Map() }
  return simulate({
    ...{ steps: 200, ...around, seed, isOnce: true },
    createModel: () => createLearnedModel(coreConfig),
    start: (author, place, streams) => {
      return createCoreWorker(author, place, streams, outside, numbersMax, fault)
    },
  })
}
