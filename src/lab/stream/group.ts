// A whole log replayed through a group of workers that share what they learn by an update log, in one process: users
// are divided among them, each predicts and learns its own users' events, appends what it has learned every
// `eventsBetween` of them, and takes in what the others have appended before its next event.

import type { QualityWithError } from '../../measure/metrics.ts'
import type { Arrivals } from './arrivals.ts'
import { createGroupWorker, createLog, type WorkerOptions } from './group-worker.ts'
import { createTally, type Span } from './tally.ts'

const eventsPerPause = 500

export interface GroupOptions extends WorkerOptions {
  readonly onPause?: (done: number) => Promise<void>
}

export interface GroupResult {
  readonly workers: number
  readonly events: Readonly<Record<Span, number>>
  readonly quality: Readonly<Record<string, Readonly<Record<Span, QualityWithError>>>>
  /** Events of all workers between two records of one of them; 0: they shared nothing. */
  readonly shareEvents: number
  readonly records: number
  /** Of the update log; gzip would save a seventh of it, and cost more than all the rest. */
  readonly bytesPerEvent: number
  /** µs of processor time an event, of all workers together, and of that what sharing takes. */
  readonly cost: { readonly event: number; readonly sharing: number }
}

export async function replayGroup(arrivals: Arrivals, options: GroupOptions): Promise<GroupResult> {
  const { users, times, count, userCount } = arrivals
  const { shareEvents, processorMs } = options
  const log = createLog()
  const newest = new Float64Array(userCount).fill(Number.NaN)
  let place = 0
  const onRanks = (earlier: number, ranks: ArrayLike<number>): void => {
    tally.add(place, earlier, times[place]! - newest[users[place]!]!, ranks)
  }
  const workers = Array.from({ length: options.workers }, (_, w) => {
    return createGroupWorker(w, log, options, onRanks)
  })
  const { rankers } = workers[0]!.learner.prequential
  const tally = createTally(rankers, count)
  const began = processorMs()
  for (; place < count; place++) {
    const user = users[place]!
    workers[user % workers.length]!.apply(user, arrivals.items[place]!, times[place]!)
    newest[user] = times[place]!
    if (place % eventsPerPause > 0) continue
    log.dropBefore(Math.min(...workers.map(({ read }) => read)))
    await options.onPause?.(place)
  }
  const perEvent = (ms: number): number => (1e3 * ms) / count
  return {
    ...{ workers: workers.length, shareEvents, records: log.length },
    events: tally.events(),
    quality: Object.fromEntries(rankers.map((name) => [name, tally.of(name)])),
    bytesPerEvent: log.bytes / count,
    cost: {
      event: perEvent(processorMs() - began),
      sharing: perEvent(workers.reduce((sum, { sharingMs }) => sum + sharingMs, 0)),
    },
  }
}
