// How much work an event gets while more events arrive than can be learned. What costs most and is missed least is shed
// first: measuring, then replays, then the draws of the event itself. Positive sets and counts are never shed. Learning
// that was shed is owed (model/debt.ts) and made up for when there is time.
//
// This is a proportional controller without memory, driven by how long the oldest event has waited: full effort below a
// lag, none at several times that. It settles where work goes as fast as events arrive. A wait alone leaves a tenth of
// the effort, so that a short burst is learned, too; a queue that fills up leaves none.

import type { Config } from '../../config.ts'

/** What waits in the trainer; ages in ms since it could have been worked on, 0 where nothing waits. */
export interface Load {
  /** Share of the queue of events that is taken. */
  readonly fill: number
  readonly eventMs: number
  readonly listMs: number
}

/** Shares of the full work, in [0, 1]. */
export interface Effort {
  /** On an event. */
  readonly event: number
  /** On the lists of a round. */
  readonly lists: number
}

export const noLoad: Load = { fill: 0, eventMs: 0, listMs: 0 }
const fullEffort: Effort = { event: 1, lists: 1 }

/** A wait of this many times the target lag leaves no effort. */
const lagsMax = 4
/** Above the first share of the queue the effort shrinks however short the wait, down to none at the second. */
const relaxedFill = 0.1
const fullFill = 0.7
/** What is left however long something waits: more users may have events than can ever be ranked. */
const eventMin = 0.1

/** Always the full effort where the stream waits for the worker. */
export function effortBy(config: Config): (load: Load) => Effort {
  return shedsLoad(config) ? (load) => effortFor(load, config.overloadLagMs) : () => fullEffort
}

/** Events come before lists: while many wait, users get fewer lists, not later events. */
export function effortFor({ fill, eventMs, listMs }: Load, lagMs: number): Effort {
  const byFill = falling(fill, relaxedFill, fullFill)
  const byEvents = falling(eventMs, lagMs, lagsMax * lagMs)
  const byLists = falling(listMs, lagMs, lagsMax * lagMs)
  const event = Math.min(byFill, Math.max(eventMin, Math.min(byEvents, byLists)))
  return { event, lists: Math.min(byFill, byEvents) ** 2 }
}

/** 1 up to `from`, 0 from `to` on, linear between. */
function falling(value: number, from: number, to: number): number {
  return Math.max(0, Math.min(1, (to - value) / (to - from)))
}

/** Whether events may get less work while many wait: on a stream that does not wait for the worker. */
function shedsLoad({ source, follow, overload, deterministic }: Config): boolean {
  if (deterministic) return false
  const live = source.startsWith('kafka:') || follow
  return overload === 'shed' || (overload === 'auto' && live)
}
