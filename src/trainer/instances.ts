// The paper's instances: a positive of label 1, «the user prefers it to the negative», and label 0, the other way
// round. Two laws. `mirror`, as the authors' published code draws: a positive, a negative drawn again until the user
// does not have it, both labels for that pair, and for a ratio over 1 further label-0 instances with negatives of
// their own. `uniform`, as the paper is written: labels 1 and 0 from independent draws, each exactly uniform.

import type { DrawBatch } from '../ports/engine.ts'
import type { Positives } from '../remember/positives.ts'
import type { FreshWindow } from '../sample/draws.ts'
import { createUserBatch, gather } from '../sample/history.ts'
import type { Random } from '../sample/random.ts'
import type { Triplet, TripletSampler } from '../sample/triplets.ts'

export interface InstancePlan {
  readonly law: 'mirror' | 'uniform'
  /** Instances with label 0 for each with label 1. */
  readonly ratio: number
  /** Instances of one step. */
  readonly batch: number
  /** Share of the positives that come from the newest `window` events. */
  readonly freshShare: number
  readonly window: number
}

export interface Instances {
  /** Filled anew by draw(); the loss of a step is the mean over instances. */
  readonly batch: DrawBatch
  /** Draws one step's instances; fewer when bounds were reached. Returns how many instances there are. */
  draw(): number
}

export function createInstances(
  positives: Positives,
  sampler: TripletSampler,
  window: FreshWindow,
  random: Random,
  plan: InstancePlan,
): Instances {
  const triplet: Triplet = { user: 0, place: 0, i: 0, j: 0 }
  const batch = plan.law === 'mirror' ? mirrorBatch(plan) : uniformBatch(plan)
  const { candidates, negatives } = batch

  function drawFresh(): boolean {
    if (random.unit() >= plan.freshShare || !window.draw(random, plan.window, triplet)) return false
    triplet.place = positives.placeOf(triplet.user, triplet.i)
    return triplet.place >= 0
  }

  function append(): void {
    const { user, place } = triplet
    const slot = positives.runs.start[user]! + place
    batch.positives[batch.count] = positives.runs.items[slot]!
    gather(batch, positives, user, place, positives.runs.times[slot]!, 0)
  }

  /** A positive, its negative with both labels, and the negatives of further label-0 instances. */
  function mirror(): number {
    if (!drawFresh() && !sampler.positive(triplet)) return 0
    const at = batch.count * negatives
    candidates[at] = sampler.negative(triplet.user)
    if (candidates[at]! < 0) return 0
    let instances = 2
    for (let q = 1; q < negatives; q++) {
      candidates[at + q] = sampler.negative(triplet.user)
      if (candidates[at + q]! >= 0) instances++
    }
    append()
    return instances
  }

  /** One instance: column 0 asks with label 1, column 1 with label 0; the other one stays empty. */
  function independent(column: 0 | 1): number {
    if (drawFresh()) triplet.j = sampler.negative(triplet.user)
    else if (!sampler.uniform(triplet)) return 0
    if (triplet.j < 0) return 0
    const at = batch.count * negatives
    candidates[at + column] = triplet.j
    candidates[at + 1 - column] = -1
    append()
    return 1
  }

  return {
    batch,
    draw() {
      batch.count = 0
      let instances = 0
      const draws = batch.positives.length
      const ones = Math.round(draws / (1 + plan.ratio))
      for (let k = 0; k < draws; k++) {
        instances += plan.law === 'mirror' ? mirror() : independent(k < ones ? 0 : 1)
      }
      return instances
    },
  }
}

function mirrorBatch({ batch, ratio }: InstancePlan): DrawBatch {
  const draws = Math.max(1, Math.round(batch / (1 + ratio)))
  const weight = 1 / (1 + ratio)
  return {
    ...emptyBatch(draws, ratio),
    direct: new Float32Array(ratio).fill(weight, 0, 1),
    mirrored: new Float32Array(ratio).fill(weight),
  }
}

function uniformBatch({ batch }: InstancePlan): DrawBatch {
  return {
    ...emptyBatch(batch, 2),
    direct: Float32Array.of(1, 0),
    mirrored: Float32Array.of(0, 1),
  }
}

function emptyBatch(draws: number, negatives: number) {
  return {
    ...createUserBatch(draws, 0),
    positives: new Int32Array(draws),
    negatives,
    choices: 1,
    candidates: new Int32Array(draws * negatives),
  }
}
