// The trainer's own thread: turns while there is work, short rests while there is none, and messages in between.
// Runs on whatever port it is given; knows nothing of worker threads.

import { Failure } from '../../errors.ts'
import type { FromTrainer, ToTrainer } from '../../requests.ts'
import type { Driver } from './driver.ts'

/** The longest rest while no message comes: what becomes due by itself, as replays and reports, comes no more often. */
const restMsMax = 100

export interface LoopOptions {
  readonly driver: Driver
  readonly post: (message: FromTrainer) => void
  /** Lets messages in, then calls back, after `ms` at the earliest. The function it returns takes that back. */
  readonly later: (ms: number, then: () => void) => () => void
  /** A message that has come and was not received yet; undefined: there is none. */
  readonly poll: () => ToTrainer | undefined
  /** Monotonic ms. */
  readonly nowMs: () => number
  readonly onClosed: () => void
}

/** The minimum time between two looks for questions while there is work, in ms. */
const lookEveryMs = 1
/** How much more time answers may take than the work that they interrupt: beyond that they get half of the time. */
const aheadMsMax = 50

/** Returns where messages go. The loop ends when «close» was answered. */
export function startLoop(options: LoopOptions): (message: ToTrainer) => void {
  const { driver, post } = options
  const requests = createRequestQueue(driver, post, () => between())
  /** Ends the rest that is under way. */
  let endRest: (() => void) | undefined
  let lookedMs = options.nowMs()
  /** By how much answers have taken more time than work, at least 0. */
  let aheadMs = 0

  function receive(message: ToTrainer): void {
    if (message.kind === 'take') for (const batch of message.batches) driver.take(batch)
    else {
      // Names are numbered in the order in which they come.
      if (message.kind === 'readUpdates') driver.nameItems(message.batch.newItems)
      requests.add(message)
    }
  }

  /** Answers the questions that came amid the work of a turn. Returns whether there were any. */
  function between(): boolean {
    let now = options.nowMs()
    if (now - lookedMs < lookEveryMs) return false
    let any = false
    aheadMs = Math.max(0, aheadMs - (now - lookedMs))
    for (let answers = true; answers && aheadMs < aheadMsMax; ) {
      for (let next = options.poll(); next !== undefined; next = options.poll()) receive(next)
      answers = requests.answerQuestion()
      any ||= answers
      const endedMs = options.nowMs()
      aheadMs += endedMs - now
      now = endedMs
    }
    lookedMs = now
    return any
  }

  async function turn(): Promise<void> {
    const startedMs = options.nowMs()
    while (requests.any) await requests.serveNext()
    lookedMs = options.nowMs()
    aheadMs = Math.min(aheadMsMax, aheadMs + lookedMs - startedMs)
    if (requests.isClosed) {
      options.onClosed()
      return
    }
    if (requests.isFrozen) {
      rest(restMsMax)
      return
    }
    const before = driver.done
    const more = await driver.step(between)
    if (driver.done > before) post({ kind: 'taken', events: driver.done - before })
    const idleMs = more ? 0 : driver.rest(between)
    if (idleMs === 0) options.later(0, next)
    else rest(Math.min(restMsMax, idleMs))
  }

  function rest(ms: number): void {
    aheadMs = 0
    endRest = options.later(ms, () => {
      endRest = undefined
      next()
    })
  }

  function next(): void {
    turn().catch((cause) => {
      post({ kind: 'report', report: { kind: 'failed', ...told(cause) } })
      options.onClosed()
    })
  }

  next()
  return (message) => {
    receive(message)
    if (endRest === undefined) return
    endRest()
    endRest = undefined
    // Not at once: more messages may be there already.
    options.later(0, next)
  }
}

type Request = Exclude<ToTrainer, { kind: 'take' }>

/** Requests in the order in which they came; each is answered or refused before the next turn. */
/** `between`: questions are answered amid what takes long. */
function createRequestQueue(driver: Driver, post: LoopOptions['post'], between: () => void) {
  const waiting: Request[] = []
  let isClosed = false
  let isFrozen = false

  async function work(request: Request): Promise<unknown> {
    if (request.kind === 'drain') return countingEvents(() => driver.finish())
    if (request.kind === 'checkpoint') return driver.checkpoint()
    if (request.kind === 'rollBack') {
      return countingEvents(() => driver.rollBack(request.eventsMax, between))
    }
    if (request.kind === 'readUpdates') return driver.readUpdates(request.batch)
    if (request.kind === 'takeUpdate') {
      return countingEvents(() => driver.takeUpdate(request.releases, between))
    }
    if (request.kind === 'claimStreams') return driver.claimStreams(request.streams)
    if (request.kind === 'relist') driver.relist(request.users)
    if (request.kind === 'items') return driver.takeItems(request.told)
    if (request.kind === 'ask') return driver.answer(request.question)
    if (request.kind === 'freeze') isFrozen = true
    if (request.kind === 'close') isClosed = true
    return undefined
  }

  /** For what works on events, at least on the rest of the batch in hand. */
  async function countingEvents<T>(call: () => T | Promise<T>): Promise<T> {
    const before = driver.done
    const result = await call()
    post({ kind: 'taken', events: driver.done - before })
    return result
  }

  return {
    add: (request: Request): void => void waiting.push(request),
    get any() {
      return waiting.length > 0
    },
    /** One that waits behind no other request. Returns whether there was one. */
    answerQuestion(): boolean {
      const [first] = waiting
      if (first?.kind !== 'ask') return false
      waiting.shift()
      const { number, question } = first
      try {
        post({ kind: 'answer', number, answer: driver.answer(question) })
      } catch (cause) {
        post({ kind: 'refused', number, ...told(cause) })
      }
      return true
    },
    async serveNext(): Promise<void> {
      const request = waiting.shift()
      if (request === undefined) return
      const { number } = request
      try {
        const answer = await work(request)
        post({ kind: 'answer', number, answer })
      } catch (cause) {
        post({ kind: 'refused', number, ...told(cause) })
      }
    },
    get isClosed() {
      return isClosed
    },
    get isFrozen() {
      return isFrozen
    },
  }
}

/** What can be posted of a failure; of an unexpected error also where it came from. */
export function told(cause: unknown): { readonly code: string; readonly message: string } {
  if (cause instanceof Failure) return { code: cause.code, message: cause.message }
  const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return { code: 'TRAINER_FAILED', message: `the trainer failed: ${message}` }
}
