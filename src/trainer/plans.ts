// From the settings to the learned networks of the fused model: what each is made of and how it draws. The numbers
// that are not settings are here, in one place. The paper's network alone is planned in paper.ts.

import type { Config } from '../config.ts'
import type { FusionOptions } from '../learn/fusion.ts'
import type { NeighbourOptions } from '../learn/neighbours.ts'
import type { HistoryBlock, NetworkSpec, RowOptimizer } from '../ports/engine.ts'
import type { DrawPlan } from '../sample/draws.ts'

export interface LearnedPlan {
  readonly spec: NetworkSpec
  readonly draws: DrawPlan
  /** Output weight at the start of the stream. */
  readonly start: number
}

/** All that a fused learner is made of, as plain data. */
export interface LearnerPlan {
  readonly networks: readonly LearnedPlan[]
  /** Events. */
  readonly trendHalfLives: readonly number[]
  readonly neighbours: Pick<NeighbourOptions, 'window'>
  readonly fusion: FusionOptions
}

export function planLearner(config: Config): LearnerPlan {
  const { negatives, choices, fusionRate } = config
  return {
    networks: planNetworks(config),
    trendHalfLives: [100, 1_000, 10_000, 100_000],
    neighbours: { window: 20 },
    fusion: {
      ...{ rate: fusionRate, accumulator: accumulatorStart, negatives, choices },
      newUserLength: 5,
    },
  }
}

/** The latest taste, the last steps, and the session: three ways to read a history. */
const blocks: readonly HistoryBlock[] = [
  { kind: 'long', length: 100, power: 0.5 },
  { kind: 'short', length: 10, power: 0.5, decay: 0.8 },
  { kind: 'time', length: 30, power: 0.5, seconds: 600 },
]
/** Items of history that reach a network. */
export const historyMax = 100

const noise = 0.02
const accumulatorStart = 0.1
const biasRate = 0.2

function planNetworks(config: Config): LearnedPlan[] {
  const plans: LearnedPlan[] = []
  if (config.parts.includes('history')) plans.push(...historyPlans(config))
  if (config.parts.includes('rows')) plans.push(rowsPlan(config))
  return plans
}

/** NBPR and DNCR as two networks, each with its own loss, joined by the live output weights (eq. 26). */
function historyPlans(config: Config): LearnedPlan[] {
  const light = config.effort === 'light'
  const halves = config.model === 'neupr' ? (['nbpr', 'dncr'] as const) : ([config.model] as const)
  return halves.map((half) => ({
    spec: {
      ...base(config, config.historyRate, config.historyL2),
      name: `history.${half}`,
      users: 'history',
      model: half,
      blocks,
      startItem: true,
    },
    draws: {
      ...draws(config),
      // The tower costs ten times a dot product and learns no more from more draws.
      immediate: half === 'nbpr' ? 3 : 1,
      replays: half === 'dncr' ? 1 : light ? 2 : 8,
      freshShare: config.freshShare,
      historyMax,
    },
    start: 0.6 / halves.length,
  }))
}

function rowsPlan(config: Config): LearnedPlan {
  const light = config.effort === 'light'
  return {
    spec: {
      ...base(config, config.rowsRate, config.rowsL2),
      name: 'rows.nbpr',
      users: 'rows',
      model: 'nbpr',
      blocks: [],
      startItem: false,
    },
    draws: {
      ...draws(config),
      immediate: light ? 3 : 12,
      replays: light ? 4 : 16,
      freshShare: 0,
      historyMax: 0,
    },
    start: config.parts.includes('history') ? 0.4 : 1,
  }
}

function base(config: Config, rate: number, l2: number) {
  const rows: RowOptimizer = { kind: 'adagrad', rate, l2, start: accumulatorStart }
  return {
    factors: config.factors,
    tower: 'user',
    depth: config.depth,
    output: 'ones',
    itemBias: true,
    noise,
    rows,
    bias: { ...rows, rate: biasRate },
    // Plain steps: Adam takes three times the time for the same fused score, and its tower alone is worse.
    dense: { kind: 'sgd', rate: 0.01, l2: 0 },
  } as const
}

function draws(config: Config) {
  const { negatives, choices, freshWindow } = config
  return { negatives, choices, window: freshWindow }
}
