// How much work an event gets while more arrive than can be learned. What is shed first is what costs most and is
// missed least: measuring, then replays, then the draws of the event itself; sets and counts are never shed. The
// learning that is shed is owed (debt.ts) and made up for when there is time.
//
// A proportional controller without memory, on how long the oldest has waited: full effort below a lag, none at
// several times that. Where the two meet, work goes as fast as events arrive, and the wait stays there. A wait alone
// leaves a tenth of the effort, so that a short burst is learned, too; a queue that fills up leaves none.

import type { Config } from '../../config.ts'

/** What waits in the trainer; ages in ms since it could have been worked on, 0 where nothing waits. */
export interface Backlog {
  /** Share of the queue of events that is taken. */
  readonly fill: number
  readonly eventMs: number
  readonly listMs: number
}

/** Shares of the full work, in [0, 1]. */
export interface Effort {
  /** On an event. */
  readonly event: number
  /** Of the lists of a round. */
  readonly lists: number
}

export const noBacklog: Backlog = { fill: 0, eventMs: 0, listMs: 0 }
const fullEffort: Effort = { event: 1, lists: 1 }

/** At so many times the lag nothing of the effort is left. */
const lagsMax = 4
/** However short the waits: above this share of the queue the effort shrinks, down to none at the second. */
const relaxedFill = 0.1
const fullFill = 0.7
/** What is left however long something waits: more users may have events than can ever be ranked. */
const eventMin = 0.1

/** Full effort for ever where the stream itself waits. */
export function effortBy(config: Config): (backlog: Backlog) => Effort {
  return shedsLoad(config)
    ? (backlog) => effortFor(backlog, config.overloadLagMs)
    : () => fullEffort
}

/** Events come before lists: while many wait, users get fewer lists, not later events. */
export function effortFor({ fill, eventMs, listMs }: Backlog, lagMs: number): Effort {
  const room = falling(fill, relaxedFill, fullFill)
  const prompt = falling(eventMs, lagMs, lagsMax * lagMs)
  const ease = falling(listMs, lagMs, lagsMax * lagMs)
  const event = Math.min(room, Math.max(eventMin, Math.min(prompt, ease)))
  return { event, lists: Math.min(room, prompt) ** 2 }
}

/** 1 up to `from`, 0 from `to` on, straight between. */
function falling(value: number, from: number, to: number): number {
  return Math.max(0, Math.min(1, (to - value) / (to - from)))
}

/** Whether events may get less work while many wait: on a stream that does not wait itself. */
function shedsLoad({ source, follow, overload, deterministic }: Config): boolean {
  if (deterministic) return false
  const live = source.startsWith('kafka:') || follow
  return overload === 'shed' || (overload === 'auto' && live)
}

/** Which events get which work, evenly spread over all that come; at effort 1 each gets all. */
export interface Ration {
  /** Ranked before it is learned, for the measures of quality. */
  measures(effort: number): boolean
  /** Learned by output weights and by draws of its own. */
  learns(effort: number): boolean
}

/** Draws of the event itself are kept for longest: so many times the effort. */
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

/** Whole portions of what is owed: each call adds a share to the debt and takes what is whole of it. */
export function createPortions(): (share: number) => number {
  let owed = 0
  return (share) => {
    owed += share
    const whole = Math.floor(owed)
    owed -= whole
    return whole
  }
}
