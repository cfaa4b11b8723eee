// How much is done at a time. A turn learns so many events, and a round makes so many lists, that neither waits long
// for the other. While more events arrive than can be learned, each gets less work: what costs most and is missed least
// is shed first, measuring, then replays, then the draws of the event itself. Positive sets and counts are never shed.

import type { Config } from '../../config.ts'

/** A turn takes about this time: lists wait no longer for learning than learning does for lists. */
const turnMs = 25
/** The mean cost of an event forgets over about this many turns. */
const turnMemory = 0.2

export interface Turns {
  /** How many of `most` events the next turn has. */
  events(most: number): number
  /** A turn of that many events has taken so long. */
  took(events: number, ms: number): void
}

/** The first turn has all of its events, as each one has where turns are not to depend on time. */
export function createTurns(isTimeless: boolean): Turns {
  let eventMs = 0
  return {
    events(most) {
      if (isTimeless || eventMs * most <= turnMs) return most
      return Math.max(1, Math.floor(turnMs / eventMs))
    },
    took(events, ms) {
      if (events > 0) eventMs += (eventMs === 0 ? 1 : turnMemory) * (ms / events - eventMs)
    },
  }
}

/** A round ends after this time, so that learning goes on while many users wait. */
const roundMs = 25
/** The fewest lists per round on average, however many events wait: a list costs as much as learning dozens of them. */
const listsMin = 0.25
/** The mean cost of a list forgets over about this many rounds. */
const roundMemory = 0.1

export interface Rounds {
  /**
   * A round at an effort in [0, 1], unless earlier ones have taken its time. `rank` works until isOver() and returns
   * how many lists it made; `between` is called whenever it asks.
   */
  run(
    effort: number,
    between: (() => void) | undefined,
    rank: (isOver: () => boolean) => number,
  ): void
}

/** `nowMs`: monotonic. */
export function createRounds(nowMs: () => number): Rounds {
  /** Time that is left for ranking; below zero where a list took longer than its round had. */
  let leftMs = 0
  let listMs = 0
  return {
    run(effort, between, rank) {
      leftMs = Math.min(roundMs, leftMs + Math.max(listsMin * listMs, roundMs * effort))
      if (leftMs <= 0 && listMs > 0) return
      const startedMs = nowMs()
      const lists = rank(() => {
        between?.()
        return nowMs() - startedMs >= leftMs
      })
      const tookMs = nowMs() - startedMs
      leftMs -= tookMs
      if (lists > 0) listMs += (listMs === 0 ? 1 : roundMemory) * (tookMs / lists - listMs)
    },
  }
}

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

/**
 * A proportional controller without memory, driven by how long the oldest event has waited: full effort below a lag,
 * none at several times that. It settles where work goes as fast as events arrive. A wait alone leaves a tenth of the
 * effort, so that a short burst is learned, too; a queue that fills up leaves none. Learning that was shed is owed
 * (model/debt.ts) and made up for when there is time. Events come before lists: while many wait, users get fewer lists,
 * not later events.
 */
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
