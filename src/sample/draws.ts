// Fills the batches that networks learn from: which positives, with which history, against which candidates. A history
// holds only what comes before a place in the user's run, which is in order of event time.
//
// A draw is one positive with groups of `choices` candidates; the network takes the best of a group. The more groups a
// draw has, the fewer histories are read and moved for the same number of negatives.
//
// The first candidate of a replayed draw comes from the exactly uniform law over D_S, the others are uniform over
// the items the user does not have, so each (u,i,candidate) on its own is uniform over D_S. The network's
// choice among them leaves that law on purpose; one choice per negative keeps it.

import type { DrawBatch, UserBatch } from '../ports/engine.ts'
import type { Positives } from '../remember/positives.ts'
import type { Random } from './random.ts'
import type { Triplet, TripletSampler } from './triplets.ts'

/** Room for `count` users with up to `historyMax` items each. */
export function createUserBatch(count: number, historyMax: number): UserBatch {
  return {
    count: 0,
    userRows: new Int32Array(count),
    historyStart: new Int32Array(count + 1),
    historyItems: new Int32Array(count * historyMax),
    historyAges: new Float32Array(count * historyMax),
    historyLength: new Int32Array(count),
  }
}

/** Appends a user with `length` earlier positives and none of them: for networks that read rows, not histories. */
export function addUser(into: UserBatch, user: number, length: number): void {
  const k = into.count++
  into.historyStart[k + 1] = into.historyStart[k]!
  into.historyLength[k] = length
  into.userRows[k] = user
}

/**
 * Appends a user as of the moment `time` (ms) with the history before place `before` of their run,
 * newest first, at most `historyMax` items. `hidesEqualTimes`: what happened at the very moment is no history.
 */
export function gather(
  into: UserBatch,
  positives: Positives,
  user: number,
  before: number,
  time: number,
  historyMax: number,
  hidesEqualTimes = positives.limits.hidesEqualTimes === true,
): void {
  const { items, times, start } = positives.runs
  const { historyItems, historyAges } = into
  const k = into.count++
  const first = start[user] ?? 0
  if (hidesEqualTimes) while (before > 0 && times.at(first + before - 1) === time) before--
  const end = before < historyMax ? 0 : before - historyMax
  let at = into.historyStart[k]!
  for (let place = before - 1; place >= end; place--) {
    const age = (time - times.at(first + place)) / 1000
    historyItems[at] = items[first + place]!
    historyAges[at++] = Math.max(age, 0)
  }
  into.historyStart[k + 1] = at
  into.historyLength[k] = before
  into.userRows[k] = user
}

/** How one learned part draws; per arriving event. */
export interface DrawPlan {
  /** Draws of the event itself, at once, each against this many times `negatives`. */
  readonly immediate: number
  readonly perImmediate: number
  /** Draws of earlier positives, each against this many times `negatives`. */
  readonly replays: number
  readonly perReplay: number
  /** Share of the replays that come from the last `window` events; the rest is uniform over D_S. */
  readonly freshShare: number
  readonly window: number
  /** Each negative weighs 1/negatives in the loss of a draw: a draw with twice as many takes twice the step. */
  readonly negatives: number
  readonly choices: number
  /** Items of history a draw carries; 0 where the part has rows. */
  readonly historyMax: number
}

/** An empty batch with room for the draws of an event, or for `draws` replays. */
export function createDrawBatch(draws: number, plan: DrawPlan): DrawBatch {
  const { immediate, perImmediate, perReplay } = plan
  const most = Math.max(immediate, draws, 1)
  const negatives = plan.negatives * Math.max(perImmediate, perReplay)
  const all = plan.negatives * Math.max(immediate * perImmediate, draws * perReplay)
  return {
    ...createUserBatch(most, plan.historyMax),
    positives: new Int32Array(most),
    negatives,
    choices: plan.choices,
    candidates: new Int32Array(all * plan.choices),
    direct: new Float32Array(negatives).fill(1 / plan.negatives),
    mirrored: new Float32Array(negatives),
  }
}

/** The newest learned events, from which a share of the replays is drawn. */
export interface FreshWindow {
  push(user: number, item: number): void
  /** Sets user and i of one of the last `size` events, uniformly; false when there is none. */
  draw(random: Random, size: number, out: Triplet): boolean
  save(): Int32Array
  restore(state: Int32Array): void
}

export function createFreshWindow(capacity: number): FreshWindow {
  const users = new Int32Array(capacity)
  const items = new Int32Array(capacity)
  let pushed = 0
  return {
    push(user, item) {
      users[pushed % capacity] = user
      items[pushed % capacity] = item
      pushed++
    },
    draw(random, size, out) {
      const reach = Math.min(size, capacity, pushed)
      if (reach === 0) return false
      const at = (pushed - 1 - random.below(reach)) % capacity
      out.user = users[at]!
      out.i = items[at]!
      return true
    },
    save: () => Int32Array.from([pushed, ...users, ...items]),
    restore(state) {
      pushed = state[0] ?? 0
      users.set(state.subarray(1, 1 + capacity))
      items.set(state.subarray(1 + capacity, 1 + 2 * capacity))
    },
  }
}

export interface Drawer {
  /** Puts `plan.immediate` draws of the positive at `place` into an emptied batch, with this much of their loss. */
  immediate(batch: DrawBatch, user: number, place: number, weight?: number): void
  /** Puts up to `count` replays into an emptied batch, fewer at a bound; a positive as often as it weighs. */
  replays(batch: DrawBatch, count: number): void
  /**
   * The loss that Network.step() gave for a batch as a mean over negatives: the weights of a draw's negatives sum to
   * batch.negatives / plan.negatives.
   */
  meanLoss(batch: DrawBatch, stepLoss: number): number
}

/** Positives drawn for one replay before it is left out because all of them weighed too little. */
const weighedTriesMax = 64

export function createDrawer(
  positives: Positives,
  sampler: TripletSampler,
  window: FreshWindow,
  random: Random,
  plan: DrawPlan,
): Drawer {
  const triplet: Triplet = { user: 0, place: 0, i: 0, j: 0 }
  /** Of the draws in the batch. */
  let scale = 1

  function start(batch: DrawBatch, times: number, weight: number): void {
    batch.count = 0
    batch.negatives = times * plan.negatives
    if (weight === scale) return
    scale = weight
    batch.direct.fill(weight / plan.negatives)
  }

  /** By the weight of the triplet's positive. No number is drawn for a whole one. */
  function accepts({ user, i }: Triplet): boolean {
    const weight = positives.strengths.any(user) ? positives.weight(user, i) : 1
    return weight === 1 || random.unit() < weight
  }

  /** A replay from the newest events, or from D_S, where there is one; false: its weight was too low. */
  function replay(batch: DrawBatch): boolean {
    if (random.unit() < plan.freshShare && window.draw(random, plan.window, triplet)) {
      if (!accepts(triplet)) return false
      const place = positives.placeOf(triplet.user, triplet.i)
      if (place >= 0) append(batch, triplet.user, place, -1)
      return true
    }
    if (!sampler.uniform(triplet)) return true
    if (!accepts(triplet)) return false
    append(batch, triplet.user, triplet.place, triplet.j)
    return true
  }

  function append(batch: DrawBatch, user: number, place: number, first: number): boolean {
    const k = batch.count
    const perDraw = batch.negatives * plan.choices
    const given = first >= 0 ? 1 : 0
    if (given) batch.candidates[k * perDraw] = first
    const from = k * perDraw + given
    const found = sampler.negatives(user, batch.candidates, from, perDraw - given)
    if (given + found === 0) return false
    const { runs } = positives
    const slot = runs.start[user]! + place
    batch.positives[k] = runs.items[slot]!
    if (plan.historyMax === 0) addUser(batch, user, place)
    else gather(batch, positives, user, place, runs.times.at(slot), plan.historyMax)
    return true
  }

  return {
    immediate(batch, user, place, weight = 1) {
      start(batch, plan.perImmediate, weight)
      for (let k = 0; k < plan.immediate; k++) append(batch, user, place, -1)
    },
    replays(batch, count) {
      start(batch, plan.perReplay, 1)
      for (let k = 0; k < count; k++) {
        for (let tries = 0; tries < weighedTriesMax && !replay(batch); tries++);
      }
    },
    meanLoss: (batch, stepLoss) => (stepLoss * plan.negatives) / batch.negatives,
  }
}
