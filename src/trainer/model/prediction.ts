// Predicts arriving events: the model, each of its parts and the baselines rank the item among the same others. Before
// that it says what an event tells that the positive set does not say yet.

import type { Moment } from '../../learn/part.ts'
import type { Baseline } from '../../measure/prequential.ts'
import { createPrequential, type OnRanks, type Prequential } from '../../measure/prequential.ts'
import type { Measured } from '../../rank/preference.ts'
import type { Positives } from '../../remember/positives.ts'
import type { Random } from '../../sample/random.ts'
import { isListable, unmeasured, weightOf } from '../../strength.ts'
import type { Model } from './model.ts'
import type { Timed } from './plan.ts'

export interface Prediction {
  readonly prequential: Prequential
  /** Counts the event and, where `measures`, ranks the item. Returns the scores where it was ranked. */
  predict(moment: Moment, item: number, measures: boolean, leftOut?: boolean): Measured | undefined
}

export interface PredictionOptions {
  readonly baselines: readonly Baseline[]
  /** Draws the items that an arriving one is ranked among. */
  readonly random: Random
  readonly onRanks: OnRanks | undefined
  /** Of the newest measures, for one user. */
  readonly userShareMax: number
  /** An item may be one that the user has, and so may those that it is ranked among. */
  readonly repeats: boolean
  /** See PrequentialOptions. */
  readonly isShared: boolean
  readonly timed: Timed
}

export function createPrediction(
  { neighbours, preference, shared }: Model,
  positives: Positives,
  { baselines, random, onRanks, userShareMax, repeats, isShared, timed }: PredictionOptions,
): Prediction {
  const [model = 'model', ...parts] = preference.names
  const names = [model, 'itemKnn', ...parts, ...baselines.map(({ name }) => name)]
  const prequential = createPrequential(positives, random, names, {
    onRanks,
    userShareMax,
    repeats,
    isShared,
    shared,
  })
  let scores: Float32Array[] = []

  /** The scores of ItemKNN and of the baselines. */
  function scoreBaselines(moment: Moment, items: Int32Array): Float32Array[] {
    if (scores[0]?.length !== items.length) {
      scores = [neighbours, ...baselines].map(() => new Float32Array(items.length))
    }
    neighbours.alone(moment, items, scores[0]!)
    for (let b = 0; b < baselines.length; b++) baselines[b]!.score(moment, items, scores[1 + b]!)
    return scores
  }

  return {
    prequential,
    predict(moment, item, measures, leftOut = false) {
      if (leftOut) prequential.leaveOut()
      let measured: Measured | undefined
      const score = (items: Int32Array): Float32Array[] => {
        const found = timed('predicting', () => preference.measure(moment, items))
        measured = found
        const [own, ...ownParts] = found.columns
        const [itemKnn, ...others] = scoreBaselines(moment, items)
        return [own!, itemKnn!, ...ownParts, ...others]
      }
      const earlier = moment.users.historyLength[0]!
      prequential.predict(moment.user, item, earlier, measures ? score : undefined)
      return measured
    },
  }
}

export interface News {
  /** The event adds an item to the positive set, or makes it worth more, or newer where items are chosen again. */
  readonly fresh: boolean
  /** The latter. */
  readonly again: boolean
  readonly code: number
  /** How much of an event it teaches and counts. */
  readonly weight: number
  /**
   * Above 0 where it is predicted and measured, because its kind is and the item could have been in a list: how much of
   * an event the output weights learn from it.
   */
  readonly goal: number
  /** It tells something new and its kind is measured, but the user's lists have left the item out before. */
  readonly leftOut: boolean
}

/** What an event of an added item would do to the positive set. */
export function createNews(positives: Positives, repeats: boolean) {
  return (user: number, item: number, time: number, code: number): News => {
    const again = repeats && positives.renews(user, item, time)
    const gain = positives.gain(user, item, time, code % unmeasured)
    const fresh = again || gain > 0
    // Also where it tells nothing new: an item that could be in a list is in none from now on.
    const leaves = !isListable(code) && leavesLists(positives, user, item, time)
    const measures =
      (fresh || leaves) && code < unmeasured && (repeats || !positives.excludes(user, item))
    const own = weightOf(code % unmeasured)
    const weight = again ? own : gain
    const leftOut = fresh && code < unmeasured && !measures
    return { fresh, again, code, weight, goal: measures ? weight || own : 0, leftOut }
  }
}

/** Whether an item that the user has by listable ADDs would be in no list after another ADD of this time. */
function leavesLists(positives: Positives, user: number, item: number, time: number): boolean {
  const { strengths, removals } = positives
  if (!strengths.any(user) || !positives.has(user, item)) return false
  return strengths.isListable(user, item) && !removals.undoes(user, item, time)
}
