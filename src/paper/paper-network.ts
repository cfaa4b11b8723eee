// The paper's network learning on the stream: a row per user, learned output weights, and every `stepEvents` events a
// step with the mean gradient of a few hundred instances. New rows can start around the mean of the existing rows.

import type { Config } from '../config.ts'
import type { OnlineNetwork, TrackedNetwork } from '../learn/network/tracked-network.ts'
import type { Draws } from '../ports/draws.ts'
import type { Network, NetworkSpec, RowOptimizer } from '../ports/engine.ts'
import type { Positives } from '../remember/positives.ts'
import type { FreshWindow } from '../sample/draws.ts'
import { createRandom } from '../sample/random.ts'
import { createTripletSampler, moveCounts, type TripletLimits } from '../sample/triplets.ts'
import { createInstances, type InstancePlan } from './instances.ts'

/** Rows that the mean of a table is taken over, spread evenly. */
const rowsAveraged = 256
const accumulatorStart = 0.1

export interface PaperPlan {
  readonly spec: NetworkSpec
  readonly instances: InstancePlan
  readonly stepEvents: number
  readonly newRows: 'mean' | 'zero'
}

/** With no part but rows, the model is the network of the paper. */
export function isPaper(config: Pick<Config, 'parts'>): boolean {
  return config.parts.every((part) => part === 'rows')
}

export function planPaper(config: Config): PaperPlan {
  const { model, factors, tower, depth, noise } = config
  const common = { rate: config.optimizerRate, l2: 0 }
  const rows: RowOptimizer =
    config.optimizer === 'adagrad'
      ? { kind: 'adagrad', ...common, start: accumulatorStart }
      : { kind: config.optimizer, ...common }
  return {
    spec: {
      ...{ name: `rows.${model}`, users: 'rows', model, factors, tower, depth, noise, rows },
      blocks: [],
      startItem: false,
      output: 'learned',
      itemBias: false,
      bias: rows,
      dense: { kind: 'adam', rate: config.denseRate, l2: 0 },
    },
    instances: {
      law: config.sampling,
      ratio: config.ratio,
      batch: config.batchInstances,
      freshShare: config.stepFreshShare,
      window: config.stepFreshWindow,
    },
    stepEvents: config.stepEvents,
    newRows: config.newRows,
  }
}

export interface PaperNeeds {
  readonly network: TrackedNetwork
  readonly plan: PaperPlan
  readonly positives: Positives
  readonly draws: Draws
  readonly window: FreshWindow
  readonly config: TripletLimits & Pick<Config, 'seed'>
}

export function createPaperNetwork(needs: PaperNeeds): OnlineNetwork {
  const { network, plan, positives, config } = needs
  const random = createRandom(config.seed, plan.spec.name)
  const sampler = createTripletSampler(positives, random, config)
  const instances = createInstances({ ...needs, sampler, random, limits: config }, plan.instances)
  /** `due`: events since the last step. */
  const counts = { steps: 0, triplets: 0, rejected: 0, saturated: 0, due: 0 }
  const grown = { users: 0, items: 0 }

  function step(): number {
    const drawn = instances.draw()
    moveCounts(sampler.counts, counts)
    if (drawn === 0) return Number.NaN
    counts.steps++
    counts.triplets += drawn
    return network.step(instances.batch, 'together')
  }

  return {
    network,
    counts,
    random,
    grow(users, items) {
      if (users <= grown.users && items <= grown.items) return
      network.grow(users, items)
      if (plan.newRows === 'mean') {
        startAtMean(network, '.user', grown.users, range(grown.users, users))
        startAtMean(network, '.item', grown.items, range(grown.items, items))
      }
      grown.users = Math.max(users, grown.users)
      grown.items = Math.max(items, grown.items)
    },
    renew(of, ids) {
      network.renew(of, ids)
      if (plan.newRows !== 'mean') return
      startAtMean(network, of === 'users' ? '.user' : '.item', grown[of], ids)
    },
    learnEvent: () => Number.NaN,
    replay(share) {
      counts.due += share
      let loss = Number.NaN
      for (; counts.due >= plan.stepEvents; counts.due -= plan.stepEvents) loss = step()
      return loss
    },
  }
}

function range(from: number, to: number): Int32Array {
  return Int32Array.from({ length: Math.max(0, to - from) }, (_, k) => from + k)
}

/** Adds the mean of rows 0…before-1 to each of these, which hold noise. */
function startAtMean(network: Network, kind: string, before: number, ids: Int32Array): void {
  if (before === 0 || ids.length === 0) return
  for (const [name, { shape, data }] of network.tensors()) {
    if (!name.endsWith(kind)) continue
    const [rows = 0, width = 0] = shape
    const taken = Math.min(before, rowsAveraged)
    const mean = new Float64Array(width)
    for (let k = 0; k < taken; k++) {
      const row = Math.floor((k * before) / taken) * width
      for (let d = 0; d < width; d++) mean[d]! += data[row + d]! / taken
    }
    for (const id of ids) {
      if (id >= rows) continue
      for (let d = 0; d < width; d++) data[id * width + d]! += mean[d]!
    }
  }
}
