// Makes the checkpoint that a worker goes live with, out of a core that has read a log of the past: more replays for
// the fused model, training to convergence for the paper's network, and no trace of where the log was read.

import type { Config } from '../../config.ts'
import { copyValues } from '../../learn/network/from-pretrained.ts'
import { isPaper } from '../../paper/paper-network.ts'
import type { Checkpoint } from '../../ports/checkpoint-store.ts'
import { createRandom } from '../../sample/random.ts'
import { viewState } from '../../trainer/checkpoint/save-state.ts'
import { createLists } from '../../trainer/lists/lists.ts'
import type { Core } from '../../trainer/loop/core.ts'
import { createModel } from '../offline/models.ts'
import type { Engines } from '../offline/offline-model.ts'
import { type EpochReport, trainOffline } from '../offline/run.ts'
import { splitOfPositives } from './split-positives.ts'

/** The settings to read the log with: the paper's network is trained afterwards, so its log is only remembered. */
export function configOfReading(config: Config): Config {
  return { ...config, training: config.training && !isPaper(config), overload: 'wait' }
}

const replaysPerStep = 1_000

/** One pass: as many replays as come with one event for each positive. Yields the share that is done. */
export function* replayPass({ learner }: Core): Generator<number> {
  const { size } = learner.positives
  for (let done = 0; done < size; ) {
    const until = Math.min(size, done + replaysPerStep)
    for (; done < until; done++) for (const network of learner.networks) network.replay(1)
    yield done / size
  }
}

export interface Convergence {
  /** NeuPR: the weight of NBPR in the union (eq. 26). */
  readonly alpha: number
  readonly epochsMax: number
  /** Epochs without a better validation before the end. */
  readonly patience: number
  readonly onEpoch: (report: EpochReport) => void | Promise<void>
}

/**
 * Trains the core's paper network on everything remembered except each user's newest positive, by which the epoch is
 * chosen. NeuPR: NBPR and DNCR first, then their union. Returns the epoch kept; 0: the union as it was joined.
 */
export async function converge(
  { learner, input }: Core,
  config: Config,
  engines: Engines,
  { alpha, epochsMax, patience, onEpoch }: Convergence,
): Promise<number> {
  const random = createRandom(config.seed, 'pretrain.negatives')
  const split = splitOfPositives(
    learner.positives,
    input.users.slice(),
    input.items.slice(),
    random,
  )
  const name = config.model === 'neupr' ? 'pretrained' : config.model
  const { factors, depth, tower, seed } = config
  const options = { parts: 'rows', factors, depth, tower, seed, alpha } as const
  const model = createModel(name, split, options, engines)
  const request = { epochs: epochsMax, patience }
  const epoch = await trainOffline(name, model, split, request, options, { onEpoch })
  copyValues(learner.networks[0]!.network, model.network!)
  return epoch
}

/** Measures of the log's events: a worker that starts from here begins to measure anew. */
const measures = ['prequential.bins', 'prequential.window']

/** A checkpoint with no position in any stream and no list that is due; valid until anything is learned. */
export function startingPoint(
  { learner, input }: Core,
  config: Config,
  generation: number,
): Checkpoint {
  const lists = createLists(learner, {
    k: config.k,
    ...{ staleAfterEvents: 0, staleActiveMs: 0, staleInRounds: false },
    pauseMs: 0,
    newestFirst: false,
    versionBase: undefined,
    trustsHashes: false,
  })
  const nowhere = {
    ...input,
    positions: new Map(),
    marks: new Map(),
    dead: new Map(),
    skipped: new Map(),
  }
  const state = viewState(generation, config, { learner, lists, input: nowhere })
  const tensors = new Map(state.tensors)
  for (const name of measures) tensors.delete(name)
  return { ...state, tensors }
}
