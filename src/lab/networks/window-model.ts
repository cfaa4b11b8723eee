// Trains a network offline on windows of the log: every training event is a target once an epoch, and Adam's rate falls
// along a cosine. The engine's network does the ranking; after each epoch it gets the mean of the latest parameters.

import type { Network } from '../../ports/engine.ts'
import type { SequenceEngine, SequenceOptions } from '../../ports/sequence-learner.ts'
import type { Random } from '../../sample/random.ts'
import { shuffled } from '../../sample/random.ts'
import type { Split } from '../offline/leave-one-out.ts'
import { type NetworkModel, rankingBy } from './network-model.ts'
import { createWindows } from './windows.ts'

export interface WindowTraining extends SequenceOptions {
  readonly epochs: number
  /** Windows per step (fewer for a short log, see stepsMin), and the most targets of a window. */
  readonly windows: number
  readonly targets: number
  /** Uniform negatives that all targets of a step share. */
  readonly negatives: number
  readonly rate: number
  /** Taken off all weights in each update, times the rate. */
  readonly decay: number
  /** Steps whose parameters are averaged, about; 1: the last alone. */
  readonly averaged: number
}

/** The fewest steps that an epoch should have: a short log is not learned in a few large steps. */
export const stepsMin = 500

/** The learning rate ends at this share of its first value. */
const RATE_LEFT = 0.01

export function createWindowModel(
  split: Split,
  network: Network,
  engine: SequenceEngine,
  training: WindowTraining,
  random: Random,
): NetworkModel {
  const { spec } = network
  const reach = Math.max(...spec.blocks.map((block) => block.length))
  network.grow(0, split.items.length)
  const learner = engine.create(spec, split.items.length, training)
  const windows = createWindows(split, { targetsMax: training.targets, reach })
  const start = network.tensors()
  for (const [name, { data }] of learner.tensors('values')) data.set(start.get(name)!.data)
  learner.average(1)
  const perStep = windowsPerStep(windows.count, training.windows)
  const stepsPerEpoch = Math.ceil(windows.count / perStep)
  const steps = stepsPerEpoch * training.epochs
  let step = 0
  return {
    ...rankingBy(split, network),
    epoch() {
      const order = shuffled(windows.count, random)
      let loss = 0
      let targets = 0
      for (let from = 0; from < windows.count; from += perStep) {
        const to = Math.min(from + perStep, windows.count)
        const batch = windows.batch(order, from, to, training.negatives, random)
        const count = batch.targets.reduce((sum, one) => sum + one, 0)
        loss += learner.gradient(batch) * count
        targets += count
        learner.update(training.rate * cosine(step++ / steps), training.decay)
        if (step % MEAN_EVERY === 0) learner.average(Math.min(1, MEAN_EVERY / training.averaged))
      }
      const values = network.tensors()
      const what = training.averaged > MEAN_EVERY ? 'mean' : 'values'
      for (const [name, { data }] of learner.tensors(what)) values.get(name)!.data.set(data)
      return loss / Math.max(1, targets)
    },
  }
}

/** Windows per step: from 1 to `most`, as many as still make stepsMin steps an epoch. */
export function windowsPerStep(count: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(count / stepsMin)))
}

/** Parameters change little from step to step: every eighth step is enough for their mean. */
const MEAN_EVERY = 8

function cosine(done: number): number {
  const wave = (1 + Math.cos(Math.PI * Math.min(1, done))) / 2
  return RATE_LEFT + (1 - RATE_LEFT) * wave
}
