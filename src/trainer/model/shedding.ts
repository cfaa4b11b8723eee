// What overload takes away of the work on an event, evenly spread over all events, and how it is made up for later.
// Measuring is shed first, down to a fixed share, then replays, then the draws of the event itself. What was not
// learned is remembered as debt. Output weights are not: they learn from scores of parts that have not seen the event,
// and by the time a debt is paid all have.

import type { OnlineNetwork } from '../../learn/network/tracked-network.ts'
import type { Positives } from '../../remember/positives.ts'
import { createDebt, type Debt } from './debt.ts'
import { createPortions } from './sampled-network.ts'

export interface Ration {
  /** Whether the event is ranked before it is learned, for the measures of quality. */
  measures(effort: number): boolean
  /** Whether the output weights and the event's own draws learn from it. */
  learns(effort: number): boolean
}

/** The draws of the event itself are shed last: they get this many times the effort. */
const learnsPerEffort = 2

/** `measureMin`: share of the events that is measured however little work the rest gets. */
export function createRation(measureMin: number): Ration {
  const measured = createPortions()
  const learned = createPortions()
  return {
    measures: (effort) => measured(Math.max(measureMin, effort)) > 0,
    learns: (effort) => learned(Math.min(1, learnsPerEffort * effort)) > 0,
  }
}

export interface Shedding {
  readonly debt: Debt
  /** Share of the work on the newest events that was shed, in [0, 1]. */
  readonly share: number
  /** An event comes that gets this share of the work. Returns whether it is measured. */
  measures(effort: number): boolean
  /** Whether an event of the user at `place` is learned by draws of its own; what it lacks is owed. */
  learns(effort: number, user: number, item: number, place: number, weight?: number): boolean
  /** Learns what the event lacks that has been owed for longest. False: nothing was owed. */
  pay(): boolean
}

export interface SheddingOptions {
  readonly measureMin: number
  readonly debtEventsMax: number
  readonly positives: Positives
  readonly networks: readonly OnlineNetwork[]
  /** Told of the loss of every step. */
  readonly track: (loss: number) => void
}

/** The moving mean of what is shed forgets over about this many events. */
const shareMemory = 0.001

export function createShedding(options: SheddingOptions): Shedding {
  const { positives, networks, track } = options
  const ration = createRation(options.measureMin)
  const debt = createDebt(options.debtEventsMax)
  let share = 0

  return {
    debt,
    get share() {
      return share
    },
    measures(effort) {
      share += shareMemory * (1 - effort - share)
      return ration.measures(effort)
    },
    learns(effort, user, item, place, weight = 1) {
      const learns = ration.learns(effort)
      if (place < 0) return false
      if (effort < 1) debt.owe({ user, item, draws: !learns, replays: 1 - effort, weight })
      return learns
    },
    pay() {
      const owed = debt.next()
      if (owed === undefined) return false
      const place = positives.placeOf(owed.user, owed.item)
      // Removed since, or forgotten: nothing is left to learn.
      if (place < 0) return true
      for (const one of networks) {
        if (owed.draws) track(one.learnEvent(owed.user, place, owed.weight))
        track(one.replay(owed.replays))
      }
      return true
    },
  }
}
