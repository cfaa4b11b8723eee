// What a worker has to do with the update log of its group. It reads what all workers have appended and hands it to the
// trainer; it appends what its own trainer has learned, every so often and before its streams may go to others; and it
// claims the streams that the group has given to it.

import { Failure } from '../../errors.ts'
import type { GroupLearning } from '../../ports/trainer.ts'
import type { UpdateLog } from '../../ports/update-log.ts'
import type { Positions } from '../../types.ts'
import { type AppenderParts, createAppender, createRest } from './appender.ts'
import { createLogReader, type LogReader, type LogReaderParts } from './log-reader.ts'

export interface ExchangeParts
  extends Omit<
    LogReaderParts & AppenderParts,
    'log' | 'group' | 'signal' | 'rest' | 'everyEvents'
  > {
  readonly log: UpdateLog
  readonly group: GroupLearning
  /** The number of events after which what is learned is appended, by what the log says of the group. */
  readonly everyEvents: (group: LogReader['group']) => number
  /** Rejects when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** Whether the group has certainly not given the stream to anybody else. */
  readonly holds: (stream: string) => boolean
  /** By stream of the input, where it ends now; undefined: not to be known. @throws Failure */
  readonly ends: () => Promise<Positions | undefined>
  /** Aborted when the worker is to stop: outages are not waited out any more. */
  readonly stopping: AbortSignal
}

export interface Exchange {
  /** Resolves with the cause once the log cannot be read or appended to any more; else never. */
  readonly failed: Promise<unknown>
  /**
   * Reads the log from this offset on, and goes on with that. Resolves when all that stood in it at the beginning was
   * read; false: aborted before. @throws Failure
   */
  open(from: number, signal: AbortSignal): Promise<boolean>
  /** Resolves when the log says that these streams are this worker's, or when `isCurrent` says that it is over. */
  claim(streams: readonly string[], isCurrent: () => boolean, onWait?: () => void): Promise<void>
  /** Its streams may go to others: what was learned is appended, and nothing is learned until the next claim. */
  release(): void
  /** By what was read of the log. */
  owns(stream: string): boolean
  /** `events` more events are on their way to the trainer. */
  counted(events: number): void
  /** Appends what was learned and waits until it was read back. */
  finish(): Promise<void>
  close(): Promise<void>
}

/** Whoever waits for a record to be read back says so at least this often, in ms. */
const waitMs = 1_000
/** The time that the log is given at the end to give back what was appended. */
const readBackMsMax = 10_000
const never = new Promise<void>(() => undefined)

export function createExchange(parts: ExchangeParts): Exchange {
  const { log, logger } = parts
  const closing = new AbortController()
  const { signal } = closing
  const rest = createRest(parts.pause, signal)
  const { failed, tellFailed } = createFailing(signal, parts.stopping)
  const everyEvents = () => parts.everyEvents(reader.group)
  const appender = createAppender({ ...parts, rest, everyEvents })
  const onRead: LogReaderParts['onRead'] = (counts) => {
    parts.onRead(counts)
    claims.look()
  }
  const reader = createLogReader({ ...parts, signal, onRead })

  /** Until an own record of this number was read back. */
  async function readBack(number: number, isOver: () => boolean, onWait?: () => void) {
    while (reader.readOwn < number && !isOver()) {
      await rest(waitMs, reader.changed())
      signal.throwIfAborted()
      onWait?.()
    }
  }

  const claims = createClaims({
    ...{ reader, holds: parts.holds, logger, tellFailed },
    async make(streams, isOver, onWait) {
      await readBack(await appender.claim(streams), isOver, onWait)
    },
  })

  /** What is learned of a stream lies inside it; else it is another one by now, of which nothing would be learned. */
  async function mustLieInside(positions: Positions): Promise<void> {
    const ends = await parts.ends()
    for (const [stream, position] of positions) {
      const end = ends?.get(stream) ?? Number.POSITIVE_INFINITY
      if (position > end) throw recreated(stream, position, end)
    }
  }

  return {
    failed,
    async open(from, until) {
      void reader.failed.then(tellFailed)
      if (!(await reader.open(from, until))) return false
      appender.often(signal).catch(tellFailed)
      return true
    },
    async claim(streams, isCurrent, onWait) {
      await claims.claim(streams, isCurrent, onWait)
      const positions = reader.owned()
      mustLieInside(positions).catch(tellFailed)
      const message = 'learning goes on where the update log says'
      logger.info(message, { author: parts.author, ...Object.fromEntries(positions) })
    },
    release() {
      claims.giveUp()
      appender.learned(true).catch(tellFailed)
    },
    owns: (stream) => reader.owned().has(stream),
    counted: appender.counted,
    async finish() {
      claims.giveUp()
      const late = rest(readBackMsMax, never).then(() => 'late')
      const isBack = appender
        .learned(true)
        .then((number) => readBack(number, () => false))
        .then(
          () => 'back',
          () => 'late',
        )
      if ((await Promise.race([late, isBack])) === 'back') return
      logger.warn(
        'the last updates were not read back from the log in time: the next owner of the partitions learns them again',
      )
    },
    async close() {
      closing.abort()
      await reader.closed()
      await log.close()
    },
  }
}

interface ClaimsParts {
  readonly reader: Pick<LogReader, 'owned'>
  readonly holds: ExchangeParts['holds']
  readonly logger: ExchangeParts['logger']
  readonly tellFailed: (cause: unknown) => void
  /** Claims them once, and resolves when that was read back. */
  make(streams: readonly string[], isOver: () => boolean, onWait?: () => void): Promise<void>
}

/** The streams that the group has given to this worker, and which of them are its by the log. */
function createClaims({ reader, holds, logger, tellFailed, make }: ClaimsParts) {
  let held: readonly string[] = []
  let isClaiming = false
  const owns = (stream: string): boolean => reader.owned().has(stream)

  /** Another one may be faster: then it is claimed again, unless it is over. */
  async function untilOwned(
    streams: readonly string[],
    isOver: () => boolean,
    onWait?: () => void,
  ): Promise<void> {
    for (let left = streams; left.length > 0 && !isOver(); left = streams.filter((s) => !owns(s))) {
      await make(left, isOver, onWait)
    }
  }

  async function alone(work: () => Promise<void>): Promise<void> {
    isClaiming = true
    try {
      await work()
    } finally {
      isClaiming = false
    }
  }

  return {
    /** Also what it has owned before: the trainer has stopped learning that. */
    claim(streams: readonly string[], isCurrent: () => boolean, onWait?: () => void) {
      held = streams
      return alone(() => untilOwned(streams, () => !isCurrent(), onWait))
    },
    giveUp(): void {
      held = []
    },
    /** Somebody may have claimed streams of this worker before hearing that they were lost to it. */
    look(): void {
      const lost = held.filter((one) => !owns(one) && holds(one))
      if (isClaiming || lost.length === 0) return
      const message = 'another worker has claimed streams of this one: they are claimed again'
      logger.repeated('claim', message, { lost })
      alone(() => untilOwned(lost, () => !lost.every(holds))).catch(tellFailed)
    },
  }
}

function recreated(stream: string, position: number, end: number): Failure {
  return new Failure(
    'TOPIC_RECREATED',
    `the update log says that ${stream} was learned up to ${position}, and it ends at ${end}: the topic was made ` +
      'anew, and nothing would be learned of it. Start all workers of the group with --fresh, another --kafka-group ' +
      'and an empty update log, which `neupr-worker topics create --updates TOPIC` makes',
  )
}

/** What may pass is no failure of a worker that is told to stop meanwhile. */
function createFailing(closing: AbortSignal, stopping: AbortSignal) {
  let tell: (cause: unknown) => void = () => undefined
  const failed = new Promise<unknown>((resolve) => {
    tell = resolve
  })
  return {
    failed,
    tellFailed(cause: unknown): void {
      const mayPass = cause instanceof Failure && cause.fate === 'retry'
      if (!closing.aborted && !(stopping.aborted && mayPass)) tell(cause)
    },
  }
}
