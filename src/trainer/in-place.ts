// The trainer on the caller's own thread: offer() does the work before it resolves. For tests, for deterministic
// runs, and wherever one thread is enough.

import { Failure } from '../errors.ts'
import type { Answer, Question } from '../messages.ts'
import type { Trainer } from '../ports/trainer.ts'
import { createDriver, type DriverOptions } from './driver.ts'

export function createTrainerInPlace(options: DriverOptions): Trainer {
  const driver = createDriver(options)
  let failure: Failure | undefined
  let tail: Promise<unknown> = Promise.resolve()

  /** One call after another, and none after a failure. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = tail.then(async () => {
      if (failure !== undefined) throw failure
      try {
        return await work()
      } catch (cause) {
        failure = asFailure(cause)
        throw failure
      }
    })
    tail = run.catch(() => undefined)
    return run
  }

  return {
    offer: (batch) =>
      inTurn(async () => {
        driver.take(batch)
        while (await driver.step());
      }),
    drain: () => inTurn(() => driver.finish()),
    checkpoint: () => inTurn(() => driver.checkpoint()),
    ask: <Q extends Question>(question: Q): Promise<Answer<Q>> =>
      inTurn(async () => driver.answer(question)),
    close: async () => {
      await tail
    },
  }
}

function asFailure(cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return new Failure('TRAINER_FAILED', `the trainer failed: ${message}`, { cause })
}
