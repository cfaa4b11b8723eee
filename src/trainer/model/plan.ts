// From the settings to the learned networks of the fused model: what each is made of and how it draws. The numbers that
// are not settings are all here. The paper's network is planned in paper/paper-network.ts.

import type { Config } from '../../config.ts'
import type { FusionOptions } from '../../learn/fusion/fusion.ts'
import type { HiddenOptions } from '../../learn/fusion/hidden-layer.ts'
import type { NeighbourOptions } from '../../learn/parts/neighbours.ts'
import { haveRoom } from '../../learn/parts/successors.ts'
import type { MakeBaseline, OnRanks } from '../../measure/prequential.ts'
import type { HistoryBlock, NetworkSpec, RowOptimizer } from '../../ports/engine.ts'
import type { StagedOptions } from '../../rank/staged/staged-ranker.ts'
import type { DrawPlan } from '../../sample/draws.ts'
import type { FusedOptions } from './fused-preference.ts'

export interface NetworkPlan {
  readonly spec: NetworkSpec
  readonly draws: DrawPlan
  /** Output weight at the start of the stream. */
  readonly start: number
  /** Added to the learned output weight for a user who returns after a while. */
  readonly returningUserBias: number
  /** Added to it where the history is long. */
  readonly returningLongBias: number
}

/** Everything that a fused model is made of, as plain data. */
export interface LearnerPlan extends StagedOptions {
  readonly networks: readonly NetworkPlan[]
  /** Events. */
  readonly trendHalfLives: readonly number[]
  readonly neighbours: Omit<NeighbourOptions, 'neighboursPerItemMax'>
  readonly fusion: FusionOptions & FusedOptions
  readonly hidden: HiddenOptions
  /** From this many items on, events share the items that they are measured among and learned against. */
  readonly sharedItemsMin: number
}

export function planLearner(config: Config): LearnerPlan {
  const { negatives, choices, fusionRate } = config
  return {
    networks: planNetworks(config),
    trendHalfLives: [100, 1_000, 10_000, 100_000],
    neighbours: {
      window: 20,
      lagEnds: config.effort === 'light' ? [3] : [1, 2, 4, 8],
      hasLargest: config.effort !== 'light',
      hasNext: config.effort !== 'light' && haveRoom(config.neighboursBytesMax, config.itemsMax),
      returningUserBias: returningUserBiases.neighbours,
    },
    fusion: {
      ...{ rate: fusionRate, accumulator: accumulatorStart, negatives, choices },
      ...{ newUserLength: 20, awaySeconds: 86_400 },
      ...{ shortlist: shortlistOf(config.candidates), margin: 0.9 },
    },
    hidden: {
      ...{ units: config.effort === 'light' ? 0 : config.hiddenUnits, rate: 0.001 },
      directRate: 0.02,
      seed: config.seed,
    },
    // Below, keeping the index up to date with what is learned costs more than it saves.
    stagedItemsMin: 20_000,
    // Below, the rows of all items are in the cache or near it.
    sharedItemsMin: 20_000,
    candidates: config.candidates === 'all' ? 0 : config.candidates,
  }
}

/** A list that is chosen from few candidates has no more to choose from. */
function shortlistOf(candidates: Config['candidates']): number {
  return candidates === 'all' ? shortlistMax : Math.min(shortlistMax, candidates >> 1)
}

const shortlistMax = 400
const latest: HistoryBlock = { kind: 'long', length: 100, power: 0.5 }
/** The latest taste, the last steps and the session: three ways to read a history. */
const blocks: readonly HistoryBlock[] = [
  latest,
  { kind: 'short', length: 10, power: 0.5, decay: 0.8 },
  { kind: 'time', length: 30, power: 0.5, seconds: 600 },
]
/** By the clock instead: the minute and the day, no steps. Two networks that read a history differently know more. */
const clockBlocks: readonly HistoryBlock[] = [
  latest,
  { kind: 'time', length: 30, power: 0.5, seconds: 60 },
  { kind: 'time', length: 100, power: 0.5, seconds: 86_400 },
]
/** Items of history that reach a network. */
export const historyMax = 100

const noise = 0.02
const accumulatorStart = 0.1
const biasRate = 0.2

function planNetworks(config: Config): NetworkPlan[] {
  const plans: NetworkPlan[] = []
  if (config.parts.includes('history')) plans.push(...historyPlans(config))
  if (config.parts.includes('rows')) plans.push(rowsPlan(config))
  return plans
}

/**
 * NBPR and DNCR are networks of their own, each with its own loss, joined by the live output weights (eq. 26). NBPR
 * comes twice, because a history can be read in two ways. A draw with a history of a hundred items reads and updates a
 * hundred rows, and one more negative adds four: few draws against many negatives learn as much as many draws against
 * few, in half of the time. DNCR's tower costs ten times a dot product and gains nothing from replays.
 */
function historyPlans(config: Config): NetworkPlan[] {
  const light = config.effort === 'light'
  const plans: Omit<NetworkPlan, 'start' | Biases>[] = []
  if (config.model !== 'dncr') plans.push(historyPlan(config, 'nbpr', 'nbpr', blocks, [1, 4, 1, 4]))
  if (config.model !== 'nbpr') plans.push(historyPlan(config, 'dncr', 'dncr', blocks, [1, 4, 0, 1]))
  if (config.model !== 'dncr' && !light) {
    plans.push(historyPlan(config, 'clock', 'nbpr', clockBlocks, [1, 3, 1, 3]))
  }
  return plans.map((plan) => ({ ...plan, start: 0.6 / plans.length, ...noBiases }))
}

function historyPlan(
  config: Config,
  name: string,
  model: 'nbpr' | 'dncr',
  blocks: readonly HistoryBlock[],
  [immediate, perImmediate, replays, perReplay]: readonly [number, number, number, number],
): Omit<NetworkPlan, 'start' | Biases> {
  return {
    spec: {
      ...base(config, config.historyRate, config.historyL2),
      name: `history.${name}`,
      users: 'history',
      model,
      blocks,
      startItem: true,
    },
    draws: {
      ...draws(config),
      ...{ immediate, perImmediate, replays, perReplay },
      freshShare: config.freshShare,
      historyMax,
    },
  }
}

/**
 * A user's row knows best what the user liked long ago, but the events that follow seldom ask for it. For users who
 * return after a day or more, rows and neighbours therefore weigh more than the stream teaches. Neighbours get less of
 * it: with as much as the rows they spoil the rest of the visit. With 50 positives or more a row has learned enough to
 * weigh still more; twice as much would spoil the beginning of the visit.
 */
const returningUserBiases = { rows: 0.6, neighbours: 0.2, rowsOfLong: 0.3 }
type Biases = 'returningUserBias' | 'returningLongBias'
const noBiases: Pick<NetworkPlan, Biases> = { returningUserBias: 0, returningLongBias: 0 }

/** Beside a history few draws are enough: the history knows what more of them would teach. */
function rowsPlan(config: Config): NetworkPlan {
  const beside = config.parts.includes('history')
  const [immediate, replays] = beside || config.effort === 'light' ? [3, 4] : [12, 16]
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
      ...{ immediate, perImmediate: 1, replays, perReplay: 1 },
      freshShare: 0,
      historyMax: 0,
    },
    start: beside ? 0.4 : 1,
    returningUserBias: beside ? returningUserBiases.rows : 0,
    returningLongBias: beside ? returningUserBiases.rowsOfLong : 0,
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
    // Plain SGD: Adam takes three times the time for the same fused score, and the tower alone is worse with it.
    dense: { kind: 'sgd', rate: 0.01, l2: 0 },
  } as const
}

function draws(config: Config) {
  const { negatives, choices, freshWindow } = config
  return { negatives, choices, window: freshWindow }
}

/**
 * What comparisons add to a learner: another plan, baselines, a stopwatch. A worker adds none of these; one of a group
 * is told of every event that is counted.
 */
export interface LearnerExtras {
  /** Numbers other than those that the settings lead to. */
  readonly plan?: LearnerPlan
  /** Ranked on the same draws. */
  readonly baselines?: readonly MakeBaseline[]
  readonly onRanks?: OnRanks
  readonly hidesEqualTimes?: boolean
  /** Told of every event that is learned and counted, with the history that it is counted with, newest first. */
  readonly onCounted?: (user: number, history: Int32Array, item: number, weight: number) => void
  /** Does each part of the work on an event, to measure its time. */
  readonly timed?: Timed
}

/** Does the work, which has that name, and returns what it returns. */
export type Timed = <T>(name: string, work: () => T) => T
