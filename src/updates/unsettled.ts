// Events that one worker has learned, until they stand in the log. What was learned of a stream before it was given up
// is not this worker's any more, even where it gets the stream again: the log says what is still to be learned.

import type { LearnedEvent } from './naming.ts'
import type { OwnStreams } from './own-streams.ts'

export type NotedEvent = LearnedEvent & { readonly term: number | undefined }

export interface Unsettled {
  count(event: LearnedEvent): void
  /** What was counted since the last call. */
  take(): NotedEvent[]
  /** Something that was learned does not count: neither do these, which were taken before, nor what was not. */
  lose(events: readonly NotedEvent[]): void
  readonly isLost: boolean
  /** Nothing is lost any more. Returns what is to be learned again; all that is this worker's will be taken next. */
  restart(): NotedEvent[]
}

export function createUnsettled({ termOf }: Pick<OwnStreams, 'termOf'>): Unsettled {
  let events: NotedEvent[] = []
  let lost: NotedEvent[] = []
  let isLost = false
  /** Events before something was lost; those after it were not learned. */
  let learned = 0
  const isOwn = ({ stream, term }: NotedEvent): boolean => termOf(stream) === term

  return {
    count({ stream, user, item, history, weight }) {
      events.push({ stream, user, item, history, weight, term: termOf(stream) })
    },
    take() {
      const taken = events
      events = []
      return taken
    },
    lose(these) {
      if (!isLost) learned = events.length
      isLost = true
      lost.push(...these)
    },
    get isLost() {
      return isLost
    },
    restart() {
      const again = [...lost, ...events.slice(0, learned)].filter(isOwn)
      events = [...again, ...events.slice(learned).filter(isOwn)]
      lost = []
      isLost = false
      return again
    },
  }
}
