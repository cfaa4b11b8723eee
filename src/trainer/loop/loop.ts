// The trainer's own thread: turns while there is work, short rests while there is none, and messages in between.
// Runs on whatever port it is given; knows nothing of worker threads.

import { Failure } from '../../errors.ts'
import type { FromTrainer, ToTrainer } from '../../requests.ts'
import type { Driver } from './driver.ts'

const restMs = 20

export interface LoopOptions {
  readonly driver: Driver
  readonly post: (message: FromTrainer) => void
  /** Lets messages in, then calls back; after `ms` at the earliest. */
  readonly later: (ms: number, then: () => void) => void
  readonly onClosed: () => void
}

/** Returns where messages go. The loop ends when «close» was answered. */
export function startLoop(options: LoopOptions): (message: ToTrainer) => void {
  const { driver, post } = options
  const requests: Exclude<ToTrainer, { kind: 'take' }>[] = []
  let closed = false
  let frozen = false
  /** What a message ends: the rest that is under way. */
  let resting: symbol | undefined

  async function serve(request: (typeof requests)[number]): Promise<void> {
    const { number } = request
    try {
      const answer = await work(request)
      post({ kind: 'answer', number, answer })
    } catch (cause) {
      post({ kind: 'refused', number, ...told(cause) })
    }
  }

  async function work(request: (typeof requests)[number]): Promise<unknown> {
    if (request.kind === 'drain') {
      const before = driver.done
      await driver.finish()
      post({ kind: 'taken', events: driver.done - before })
    }
    if (request.kind === 'checkpoint') return driver.checkpoint()
    if (request.kind === 'rollBack') {
      const before = driver.done
      const back = await driver.rollBack(request.eventsMax)
      post({ kind: 'taken', events: driver.done - before })
      return back
    }
    if (request.kind === 'relist') driver.relist(request.users)
    if (request.kind === 'ask') return driver.answer(request.question)
    if (request.kind === 'freeze') frozen = true
    if (request.kind === 'close') closed = true
    return undefined
  }

  async function turn(): Promise<void> {
    for (let next = requests.shift(); next !== undefined; next = requests.shift()) await serve(next)
    if (closed) {
      options.onClosed()
      return
    }
    if (frozen) {
      rest()
      return
    }
    const before = driver.done
    const more = await driver.step()
    if (driver.done > before) post({ kind: 'taken', events: driver.done - before })
    if (more || driver.rest()) options.later(0, next)
    else rest()
  }

  function rest(): void {
    const own = Symbol('rest')
    resting = own
    options.later(restMs, () => {
      if (resting !== own) return
      resting = undefined
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
    if (message.kind === 'take') driver.take(message.batch)
    else requests.push(message)
    if (resting === undefined) return
    resting = undefined
    // Not at once: more messages may be there already.
    options.later(0, next)
  }
}

/** What can be posted of a failure; of one that nobody foresaw also where it came from. */
export function told(cause: unknown): { readonly code: string; readonly message: string } {
  if (cause instanceof Failure) return { code: cause.code, message: cause.message }
  const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return { code: 'TRAINER_FAILED', message: `the trainer failed: ${message}` }
}
