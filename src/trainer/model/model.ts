// The model of a learner, put together from its plan: learned networks, counted parts, and the preference that they
// make together. This is the only file that knows both models: the fused one and, with `parts: rows`, the paper's
// network.

import type { Config } from '../../config.ts'
import { createFusion } from '../../learn/fusion/fusion.ts'
import { createHiddenLayer, type HiddenLayer } from '../../learn/fusion/hidden-layer.ts'
import type { OnlineNetwork } from '../../learn/network/tracked-network.ts'
import { trackChanges } from '../../learn/network/tracked-network.ts'
import type { Part } from '../../learn/part.ts'
import { createAges, createFreshness } from '../../learn/parts/freshness.ts'
import { createMatch } from '../../learn/parts/match/match.ts'
import { createNeighbours, type Neighbours } from '../../learn/parts/neighbours.ts'
import { createNetworkPart } from '../../learn/parts/network-part.ts'
import { createTrend } from '../../learn/parts/trend.ts'
import { createPaperNetwork, isPaper, planPaper } from '../../paper/paper-network.ts'
import { createPlainDraws } from '../../paper/plain-draws.ts'
import { createSingleNetworkModel } from '../../paper/single-network-model.ts'
import type { Catalogue } from '../../ports/catalogue.ts'
import type { Draws } from '../../ports/draws.ts'
import type { Engine } from '../../ports/engine.ts'
import type { FeatureSums } from '../../ports/scoring.ts'
import type { Preference } from '../../rank/preference.ts'
import type { ItemIndexOptions } from '../../rank/staged/item-index.ts'
import {
  createStagedRanker,
  type StagedOptions,
  type StagedRanker,
} from '../../rank/staged/staged-ranker.ts'
import { Positives } from '../../remember/positives.ts'
import { createFreshWindow, type FreshWindow } from '../../sample/draws.ts'
import type { Random } from '../../sample/random.ts'
import { SharedDraws } from '../../sample/shared-draws.ts'
import { createTripletSampler } from '../../sample/triplets.ts'
import { exampleQueries } from './example-queries.ts'
import { createFusedPreference } from './fused-preference.ts'
import type { LearnerPlan } from './plan.ts'
import { createSampledNetwork } from './sampled-network.ts'

export interface Model {
  readonly parts: readonly Part[]
  readonly networks: readonly OnlineNetwork[]
  /** Counted even where it is no part of the model, because it is a baseline, too. */
  readonly neighbours: Neighbours
  readonly preference: Preference
  readonly window: FreshWindow
  /** What events are measured among and learned against in a large catalogue. */
  readonly shared: SharedDraws
}

export interface ModelNeeds {
  readonly config: Config
  readonly plan: LearnerPlan
  readonly engine: Engine
  readonly positives: Positives
  /** Draws what the output weights learn from. */
  readonly fusionRandom: Random
  readonly draws: Draws
}

/**
 * Empty positive sets, and draws from them for the paper's network. Only that network draws enough triplets at once for
 * the sets to lie in the engine's memory.
 */
export function openPositives(config: Config, engine: Engine, hidesEqualTimes: boolean) {
  const memory = isPaper(config) ? engine.drawMemory?.() : undefined
  const positives = new Positives({ ...config, hidesEqualTimes }, memory)
  return { positives, draws: memory?.draws(positives) ?? createPlainDraws(positives) }
}

export function createModel(needs: ModelNeeds): Model {
  const { config, plan, engine } = needs
  const { neighboursPerItemMax, neighboursBytesMax } = config
  const limits = { neighboursPerItemMax, neighboursBytesMax }
  const catalogue = engine.catalogue?.()
  const neighbours = createNeighbours({ ...plan.neighbours, ...limits }, catalogue)
  return isPaper(config) ? paperModel(needs, neighbours) : fusedModel(needs, neighbours, catalogue)
}

function fusedModel(
  needs: ModelNeeds,
  neighbours: Neighbours,
  catalogue: Catalogue | undefined,
): Model {
  const { config, plan, engine, positives } = needs
  const window = createFreshWindow(config.freshWindow)
  const shared = new SharedDraws(plan.sharedItemsMin)
  const networks = plan.networks.map((one) => {
    const network = trackChanges(engine.create(one.spec, config.seed, rowsOf(config)))
    return createSampledNetwork(network, one, positives, window, config.seed, config, shared)
  })
  const parts: Part[] = networks.map(({ network }, k) => {
    const { start, returningUserBias, returningLongBias } = plan.networks[k]!
    return createNetworkPart(network, start, returningUserBias, returningLongBias)
  })
  if (config.parts.includes('neighbours')) parts.push(neighbours)
  if (config.parts.includes('trend')) parts.push(createTrend(plan.trendHalfLives, catalogue))
  const firsts = config.parts.includes('match') ? createAges(catalogue) : undefined
  if (firsts !== undefined) parts.push(createMatch(catalogue, firsts))
  if (config.parts.includes('freshness')) parts.push(createFreshness(catalogue, firsts))
  const fusion = createFusion(parts, plan.fusion, ...outputLayer(engine, parts, plan))
  const sampler = createTripletSampler(positives, needs.fusionRandom, config)
  const examples = () => exampleQueries(parts, positives, fusion.weights)
  const staged = stagedRanker(engine, parts, plan, { examples })
  const preference = createFusedPreference(fusion, parts, sampler, plan.fusion, staged)
  return { parts, networks, neighbours, preference, window, shared }
}

/** The hidden layer, if there is one; and what the engine has for the sums without it. */
function outputLayer(
  engine: Engine,
  parts: readonly Part[],
  { hidden }: LearnerPlan,
): [layer: HiddenLayer | undefined, sums?: FeatureSums | undefined] {
  const features = parts.reduce((sum, part) => sum + part.features.length, 0)
  if (hidden.units > 0) return [createHiddenLayer(features, hidden, engine.hiddenUnits)]
  return [undefined, engine.hiddenUnits?.({ features, contexts: 0, units: 0 }).sums]
}

/** Where the engine has a scan and every part can be bounded. */
function stagedRanker(
  engine: Engine,
  parts: readonly Part[],
  options: StagedOptions,
  indexOptions: ItemIndexOptions,
): StagedRanker | undefined {
  const staged = parts.flatMap((part) => part.staged ?? [])
  if (engine.itemScan === undefined || staged.length < parts.length) return undefined
  return createStagedRanker(engine.itemScan(), staged, options, indexOptions)
}

function paperModel(needs: ModelNeeds, neighbours: Neighbours): Model {
  const { config, engine, positives, draws } = needs
  const window = createFreshWindow(config.stepFreshWindow)
  const plan = planPaper(config)
  const network = trackChanges(engine.create(plan.spec, config.seed, rowsOf(config)))
  const one = createPaperNetwork({ network, plan, positives, draws, window, config })
  return {
    parts: [createNetworkPart(network, 1)],
    networks: [one],
    neighbours,
    preference: createSingleNetworkModel(network, config),
    window,
    shared: new SharedDraws(),
  }
}

/** The most rows that a network gets. */
function rowsOf({ usersMax, itemsMax }: Config) {
  return { users: usersMax, items: itemsMax }
}
