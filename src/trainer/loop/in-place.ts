// The trainer on the caller's own thread: offer() does the work before it resolves. For tests, for deterministic
// runs, and wherever one thread is enough.

import { Failure } from '../../errors.ts'
import type { Trainer } from '../../ports/trainer.ts'
import type { Answer, Question } from '../../requests.ts'
import { createDriver, type DriverOptions } from './driver.ts'

export interface InPlaceOptions extends DriverOptions {
  /** Called for a batch whose events have all been worked on. */
  readonly onLearned?: (readMs: number) => void
}

export function createTrainerInPlace(options: InPlaceOptions): Trainer {
  const driver = createDriver(options)
  const { onLearned, engine } = options
  let failure: Failure | undefined
  let tellFailed: (failure: Failure) => void = () => undefined
  const failed = new Promise<Failure>((resolve) => {
    tellFailed = resolve
  })
  let tail: Promise<unknown> = Promise.resolve()

  /** One call after another, and none after a failure. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = tail.then(async () => {
      if (failure !== undefined) throw failure
      try {
        return await work()
      } catch (cause) {
        failure = asFailure(cause)
        tellFailed(failure)
        throw failure
      }
    })
    tail = run.catch(() => undefined)
    return run
  }

  return {
    failed,
    offer: (batch) =>
      inTurn(async () => {
        driver.take(batch)
        while (await driver.step());
        if (batch.readMs !== undefined && batch.users.length > 0) onLearned?.(batch.readMs)
      }),
    waiting: () => ({ events: 0, snapshots: 0 }),
    drain: () => inTurn(() => driver.finish()),
    checkpoint: () => inTurn(() => driver.checkpoint()),
    rollBack: (eventsMax) => inTurn(() => driver.rollBack(eventsMax)),
    items: (told) => inTurn(async () => driver.takeItems(told)),
    group: {
      read: (batch) =>
        inTurn(async () => {
          driver.nameItems(batch.newItems)
          return driver.readUpdates(batch)
        }),
      take: (releases = false) => inTurn(async () => driver.takeUpdate(releases)),
      claim: (streams) => inTurn(async () => driver.claimStreams(streams)),
    },
    relist: (users) => inTurn(async () => driver.relist(users)),
    ask: <Q extends Question>(question: Q): Promise<Answer<Q>> =>
      inTurn(async () => driver.answer(question)),
    // Between two calls nothing happens here.
    freeze: () => inTurn(async () => undefined),
    close: async () => {
      await tail
      await engine.close?.()
    },
  }
}

function asFailure(cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return new Failure('TRAINER_FAILED', `the trainer failed: ${message}`, { cause })
}
