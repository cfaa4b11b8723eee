// The paper's NeuPR and its batches, for the benches that time a step of it.
//
// An instance is what the paper's batch counts: a triplet with its label. A positive i and a negative j give two,
// (u,i,j) of D_S and its mirror (u,j,i) of D̄_S.

import type { DrawBatch, NetworkSpec } from '../../src/ports/engine.ts'
import { draws, rowsSpec } from '../contracts/engine-worlds.ts'

/** The joint tower for f factors (eqs. 16-25), Adam on the rows that are touched. */
export function paperSpec(factors: number): NetworkSpec {
  return rowsSpec({
    ...{ model: 'neupr', tower: 'joint', factors, output: 'learned', itemBias: false },
    rows: { kind: 'adam', rate: 0.001, l2: 0 },
  })
}

export interface PaperBatch {
  readonly seed: number
  /** Even: half of them mirror the others. */
  readonly instances: number
  readonly users: number
  readonly items: number
}

export function paperBatch(spec: NetworkSpec, { instances, ...world }: PaperBatch): DrawBatch {
  const plain = { history: 0, negatives: 1, choices: 1 }
  const batch = draws(spec, { ...world, ...plain, count: instances / 2 })
  batch.mirrored.fill(1)
  return batch
}
