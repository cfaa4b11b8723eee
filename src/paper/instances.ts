// The paper's training instances: label 1 says that the user prefers the positive to the negative, label 0 swaps the
// two. They are drawn by one of two laws. `mirror`, as the authors' published code draws: a positive, a negative drawn
// again until the user does not have it, both labels for that pair, and for a ratio over 1 further label-0 instances
// with negatives of their own. `uniform`, as the paper is written: labels 1 and 0 from independent draws, each exactly
// uniform.

import type { DrawRequest, Draws, TripletBatch } from '../ports/draws.ts'
import type { DrawBatch } from '../ports/engine.ts'
import type { Positives } from '../remember/positives.ts'
import { createUserBatch, type FreshWindow } from '../sample/draws.ts'
import type { Random } from '../sample/random.ts'
import type { Triplet, TripletLimits, TripletSampler } from '../sample/triplets.ts'

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

export interface InstanceNeeds {
  readonly positives: Positives
  /** Draws all but the fresh instances, which come one by one. */
  readonly draws: Draws
  readonly sampler: TripletSampler
  readonly window: FreshWindow
  readonly random: Random
  readonly limits: TripletLimits
}

/** What both laws draw with. */
interface Drawing {
  readonly plan: InstancePlan
  readonly batch: DrawBatch
  readonly sampler: TripletSampler
  /** The user and the positive that drawFresh() has found. */
  readonly triplet: Triplet
  /** Draws a positive of the newest events, where it is the turn of one. */
  drawFresh(): boolean
  append(user: number, i: number): void
  /** All but the fresh instances. */
  draw(
    count: number,
    how: Pick<DrawRequest, 'law' | 'negatives'>,
    into: TripletBatch,
    from: number,
  ): number
  /** Candidates of draw() that were not found. */
  missing(): number
}

export function createInstances(needs: InstanceNeeds, plan: InstancePlan): Instances {
  const { positives, draws, sampler, window, random, limits } = needs
  const triplet: Triplet = { user: 0, place: 0, i: 0, j: 0 }
  const batch = plan.law === 'mirror' ? mirrorBatch(plan) : uniformBatch(plan)
  /** A positive that weighs less than 1 is taken with its weight as the chance. */
  const accepts = (user: number, i: number): boolean => {
    const weight = positives.strengths.any(user) ? positives.weight(user, i) : 1
    return weight === 1 || random.unit() < weight
  }
  const drawing: Drawing = {
    ...{ plan, batch, sampler, triplet },
    drawFresh() {
      const isFresh = random.unit() < plan.freshShare && window.draw(random, plan.window, triplet)
      const { user, i } = triplet
      return isFresh && positives.placeOf(user, i) >= 0 && accepts(user, i)
    },
    append(user, i) {
      batch.userRows[batch.count] = user
      batch.positives[batch.count] = i
      batch.count++
    },
    draw(count, how, into, from) {
      const { drawsPerTripletMax, drawsPerNegativeMax } = limits
      const [key, nonce] = [random.word(), random.word()]
      const request = { ...how, count, drawsPerTripletMax, drawsPerNegativeMax, key, nonce }
      const drawn = draws.draw(request, into, from)
      sampler.counts.rejected += draws.rejected
      sampler.counts.saturated += draws.saturated
      return thinned(into, from, drawn, how.negatives, accepts)
    },
    missing: () => draws.missing,
  }
  const draw = plan.law === 'mirror' ? mirrorLaw(drawing) : uniformLaw(drawing)
  return {
    batch,
    draw() {
      batch.count = 0
      return draw()
    },
  }
}

/** Closes the gaps of draws that are not accepted; returns how many are left. */
function thinned(
  { userRows, positives, candidates }: TripletBatch,
  from: number,
  drawn: number,
  n: number,
  accepts: (user: number, i: number) => boolean,
): number {
  let to = from
  for (let k = from; k < from + drawn; k++) {
    if (!accepts(userRows[k]!, positives[k]!)) continue
    if (to < k) {
      userRows[to] = userRows[k]!
      positives[to] = positives[k]!
      candidates.copyWithin(to * n, k * n, k * n + n)
    }
    to++
  }
  return to - from
}

function mirrorLaw(drawing: Drawing): () => number {
  const { batch, sampler, triplet, drawFresh, append } = drawing
  const { candidates, negatives } = batch

  /** A fresh positive, its negative with both labels, and the negatives of further label-0 instances. */
  function addFresh(): number {
    const at = batch.count * negatives
    sampler.negatives(triplet.user, candidates, at, negatives)
    if (candidates[at]! < 0) return 0
    let instances = 1
    for (let q = 0; q < negatives; q++) if (candidates[at + q]! >= 0) instances++
    append(triplet.user, triplet.i)
    return instances
  }

  return () => {
    let instances = 0
    let rest = 0
    for (let k = 0; k < batch.positives.length; k++) {
      if (drawFresh()) instances += addFresh()
      else rest++
    }
    const drawn = drawing.draw(rest, { law: 'mirror', negatives }, batch, batch.count)
    batch.count += drawn
    return instances + drawn * (1 + negatives) - drawing.missing()
  }
}

function uniformLaw(drawing: Drawing): () => number {
  const { plan, batch, sampler, triplet, drawFresh, append } = drawing
  const { candidates, negatives } = batch
  const single = emptyBatch(batch.positives.length, 1)

  /** Column 0 asks with label 1, column 1 with label 0; the other one stays empty. */
  function ask(column: 0 | 1, user: number, i: number, j: number): void {
    const at = batch.count * negatives
    candidates[at + column] = j
    candidates[at + 1 - column] = -1
    append(user, i)
  }

  function drawLabel(column: 0 | 1, count: number): number {
    const before = batch.count
    let rest = 0
    for (let k = 0; k < count; k++) {
      const j = drawFresh() ? sampler.negative(triplet.user) : undefined
      if (j === undefined) rest++
      else if (j >= 0) ask(column, triplet.user, triplet.i, j)
    }
    const drawn = drawing.draw(rest, { law: 'uniform', negatives: 1 }, single, 0)
    const { userRows, positives: items, candidates: drawnItems } = single
    for (let k = 0; k < drawn; k++) ask(column, userRows[k]!, items[k]!, drawnItems[k]!)
    return batch.count - before
  }

  return () => {
    const all = batch.positives.length
    const ones = Math.round(all / (1 + plan.ratio))
    return drawLabel(0, ones) + drawLabel(1, all - ones)
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
