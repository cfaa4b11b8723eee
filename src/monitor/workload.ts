// How the worker keeps up with its input, in words: how much of a history is still to be read, and how much of the work
// on live events is shed and owed. Both are told when they begin and end, and now and then in between.

import type { TrainerStats } from '../messages.ts'
import type { Logger } from '../ports/logger.ts'
import type { CatchUpView } from '../ports/status.ts'

export interface Workload {
  /** A batch was read; `left`: records of its stream's history behind it, undefined for live records. */
  read(stream: string, records: number, left: number | undefined): void
  /** What the trainer says of itself. */
  stats(stats: TrainerStats): void
  /** undefined: all that is read is live. */
  catchUp(): CatchUpView | undefined
}

const tellEveryMs = 10_000
/** The first batch is there at once: how fast a backlog is read is known after this many seconds. */
const rateFromSeconds = 1
/** Shedding is told from this share of the work on, once something has been owed for this long: a burst is no news. */
const shedTold = 0.05
const owedForMs = 2_000

/** `nowMs`: monotonic. */
export function createWorkload(logger: Logger, nowMs: () => number): Workload {
  return { ...createCatchUp(logger, nowMs), stats: createShedTelling(logger, nowMs) }
}

function createCatchUp(logger: Logger, nowMs: () => number): Pick<Workload, 'read' | 'catchUp'> {
  /** Records of history that are still to be read, by stream. */
  const left = new Map<string, number>()
  let done = 0
  let startedMs = nowMs()
  let toldMs = Number.NEGATIVE_INFINITY

  function catchUp(): CatchUpView | undefined {
    if (left.size === 0) return undefined
    let recordsLeft = 0
    for (const records of left.values()) recordsLeft += records
    const seconds = (nowMs() - startedMs) / 1000
    const recordsPerSecond = seconds >= rateFromSeconds ? done / seconds : 0
    return {
      share: done + recordsLeft === 0 ? 1 : done / (done + recordsLeft),
      recordsLeft,
      recordsPerSecond,
      secondsLeft: recordsPerSecond > 0 ? recordsLeft / recordsPerSecond : undefined,
    }
  }

  function tell(): void {
    const view = catchUp()
    if (view === undefined || nowMs() - toldMs < tellEveryMs) return
    toldMs = nowMs()
    logger.info('catching up with a backlog; its lists follow when all of it has been read', {
      percent: Math.floor(100 * view.share),
      recordsLeft: view.recordsLeft,
      ...(view.secondsLeft !== undefined && {
        recordsPerSecond: Math.round(view.recordsPerSecond),
        secondsLeft: Math.ceil(view.secondsLeft),
      }),
    })
  }

  return {
    catchUp,
    read(stream, records, recordsLeft) {
      const wasCatchingUp = left.size > 0
      if (recordsLeft !== undefined) {
        if (!wasCatchingUp) {
          done = 0
          startedMs = nowMs()
        }
        done += records
        if (recordsLeft > 0) left.set(stream, recordsLeft)
      }
      if ((recordsLeft ?? 0) === 0) left.delete(stream)
      if (left.size > 0) tell()
      else if (wasCatchingUp) {
        toldMs = Number.NEGATIVE_INFINITY
        logger.info('caught up with the input', { records: done })
      }
    },
  }
}

function createShedTelling(logger: Logger, nowMs: () => number): Workload['stats'] {
  let isShedding = false
  let toldMs = Number.NEGATIVE_INFINITY
  let owedSinceMs: number | undefined

  return ({ shedShare, debtEvents, debtGivenUp }) => {
    owedSinceMs = debtEvents === 0 ? undefined : (owedSinceMs ?? nowMs())
    const isOwedLong = nowMs() - (owedSinceMs ?? nowMs()) >= owedForMs
    const owed = { owedEvents: debtEvents, ...(debtGivenUp > 0 && { givenUp: debtGivenUp }) }
    if (isOwedLong && shedShare >= shedTold && nowMs() - toldMs >= tellEveryMs) {
      isShedding = true
      toldMs = nowMs()
      logger.warn(
        'events arrive faster than they can be learned: the work that is shed now is done when there is time',
        { percentShed: Math.round(100 * shedShare), ...owed },
      )
    } else if (isShedding && debtEvents === 0) {
      isShedding = false
      toldMs = Number.NEGATIVE_INFINITY
      logger.info('the work that was shed has been done', owed)
    }
  }
}

/** «43 %: 12,000 records left, 2,300 a second, 6 s». */
export function catchUpText(view: CatchUpView): string {
  const number = (value: number): string => Math.round(value).toLocaleString('en-US')
  const all = `catching up, ${Math.floor(100 * view.share)} %: ${number(view.recordsLeft)} records to go`
  if (view.secondsLeft === undefined) return all
  return `${all}, ${number(view.recordsPerSecond)} a second, about ${number(view.secondsLeft)} s left`
}
