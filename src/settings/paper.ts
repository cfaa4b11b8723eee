// The paper's own network on the stream, alone: `parts rows`. Which instances it learns from, how its weights move,
// and how its lists are ranked. The fused model reads nothing of this.

import { setting } from './setting.ts'

export const paper = {
  sampling: setting.choice({
    env: 'NEUPR_SAMPLING',
    default: 'mirror',
    of: ['mirror', 'uniform'],
    help: 'parts rows: each triplet with its mirror for the same negative, or independent draws of both kinds',
  }),
  ratio: setting.integer({
    env: 'NEUPR_RATIO',
    default: 1,
    min: 1,
    max: 64,
    help: 'parts rows: instances with label 0 per instance with label 1',
  }),
  batchInstances: setting.integer({
    env: 'NEUPR_BATCH_INSTANCES',
    default: 256,
    min: 2,
    max: 65_536,
    unit: 'instances',
    help: 'parts rows: instances whose mean gradient makes one step',
  }),
  stepEvents: setting.decimal({
    env: 'NEUPR_STEP_EVENTS',
    default: 12.5,
    min: 0.1,
    max: 100_000,
    unit: 'events',
    help: 'parts rows: events between two steps',
  }),
  stepFreshShare: setting.decimal({
    env: 'NEUPR_STEP_FRESH_SHARE',
    default: 0.5,
    min: 0,
    max: 1,
    help: 'parts rows: share of positives from the newest events; the rest is uniform over all',
  }),
  stepFreshWindow: setting.integer({
    env: 'NEUPR_STEP_FRESH_WINDOW',
    default: 100,
    min: 1,
    max: 1_000_000,
    unit: 'events',
    help: 'parts rows: newest events that count as fresh',
  }),
  optimizer: setting.choice({
    env: 'NEUPR_OPTIMIZER',
    default: 'sgd',
    of: ['sgd', 'adagrad', 'adam'],
    help: 'parts rows: optimizer of the rows of users and items; the paper uses Adam',
  }),
  optimizerRate: setting.decimal({
    env: 'NEUPR_OPTIMIZER_RATE',
    default: 10,
    min: 0,
    max: 100,
    help: 'parts rows: learning rate of the rows; the paper uses 0.0005 with Adam',
  }),
  denseRate: setting.decimal({
    env: 'NEUPR_DENSE_RATE',
    default: 0.005,
    min: 0,
    max: 10,
    help: "parts rows: Adam's learning rate for the layers and the output weights; 0 freezes them",
  }),
  noise: setting.decimal({
    env: 'NEUPR_NOISE',
    default: 0.05,
    min: 0,
    max: 9,
    help: 'parts rows: standard deviation of new rows',
  }),
  newRows: setting.choice({
    env: 'NEUPR_NEW_ROWS',
    default: 'mean',
    of: ['mean', 'zero'],
    help: 'parts rows: new rows begin around the mean of the existing ones, or around zero',
  }),
  exact: setting.choice({
    env: 'NEUPR_EXACT',
    default: 'resume',
    of: ['resume', 'literal'],
    help: 'how Algorithm 1 runs: resuming from earlier winners, or K passes as printed; the lists are the same',
  }),
  order: setting.choice({
    env: 'NEUPR_ORDER',
    default: 'anchor',
    of: ['anchor', 'item'],
    help: 'order in which Algorithm 1 scans: ascending by the comparison with one good item, or as items came',
  }),
  candidates: setting.allOr({
    env: 'NEUPR_CANDIDATES',
    default: 'all',
    min: 2,
    max: 10_000_000,
    unit: 'items',
    help:
      'items a list is chosen from; all: exact; else this many, those that do best against the anchor of Algorithm 1 ' +
      'or, from 20,000 items on, have the best bounds (at most 2,000)',
  }),
} as const

interface Ranking {
  readonly k: number
  readonly order: string
  readonly candidates: number | 'all'
}

/** What is wrong between the settings of ranking. */
export function checkRanking({ k, order, candidates }: Ranking): string[] {
  if (candidates === 'all') return []
  const faults: string[] = []
  if (candidates <= k) faults.push(`--candidates ${candidates} must be more than --k ${k}, or all`)
  if (order === 'item')
    faults.push('--order item scans all items: use --candidates all, or --order anchor')
  return faults
}
