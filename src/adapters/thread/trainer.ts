// The trainer in a worker thread: the main side keeps its event loop for I/O. Batches are moved, not copied; the
// queue is bounded by the number of events that the thread has not yet taken.

import { Worker } from 'node:worker_threads'
import type { Config } from '../../config.ts'
import { type Failure, failureFrom } from '../../errors.ts'
import type { FromTrainer, ToTrainer, TrainerBatch, TrainerReport } from '../../messages.ts'
import type { Checkpoint } from '../../ports/checkpoint-store.ts'
import type { Trainer } from '../../ports/trainer.ts'

/** What the thread needs to build its side; posted, so plain data. */
export interface ThreadStart {
  readonly config: Config
  readonly resume: Checkpoint | undefined
  readonly nextGeneration: number
  readonly versionBase: number | undefined
  readonly awaitsSnapshots?: boolean
}

export interface ThreadOptions extends ThreadStart {
  /** The entry that the thread runs. */
  readonly entry: URL
  readonly report: (report: TrainerReport) => void
  /** Called for a batch whose events have all been worked on. */
  readonly onLearned?: (readMs: number) => void
  /** Called at every sign of life. */
  readonly onBeat?: () => void
}

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (failure: Failure) => void
}

/** The thread gets a copy of the checkpoint before this returns; nothing here holds it after that. */
export function createTrainerThread(options: ThreadOptions): Trainer {
  const { config, resume, nextGeneration, versionBase, awaitsSnapshots = false } = options
  const { report: onReport, onLearned, onBeat } = options
  const start: ThreadStart = { config, resume, nextGeneration, versionBase, awaitsSnapshots }
  const worker = new Worker(options.entry, { workerData: start })
  const answers = new Map<number, Waiting>()
  const room: (() => void)[] = []
  /** Batches with the thread, in order: events not yet worked on. */
  const away: { left: number; readonly readMs: number | undefined }[] = []
  let number = 0
  let queued = 0
  let failure: Failure | undefined
  let tellFailed: (failure: Failure) => void = () => undefined
  const failed = new Promise<Failure>((resolve) => {
    tellFailed = resolve
  })
  let closing = false
  let line: Promise<void> = Promise.resolve()

  function fail(message: string, code = 'TRAINER_FAILED'): void {
    failure ??= failureFrom(code, message)
    tellFailed(failure)
    refuseAll(failure)
    for (const go of room.splice(0)) go()
  }

  function refuseAll(why: Failure): void {
    for (const waiting of answers.values()) waiting.reject(why)
    answers.clear()
  }

  function tick(events: number): void {
    let left = events
    for (let first = away[0]; first !== undefined && left > 0; first = away[0]) {
      const done = Math.min(left, first.left)
      first.left -= done
      left -= done
      if (first.left > 0) return
      away.shift()
      if (first.readMs !== undefined) onLearned?.(first.readMs)
    }
  }

  function receive(message: FromTrainer): void {
    onBeat?.()
    if (message.kind === 'report') {
      const { report } = message
      if (report.kind === 'failed') fail(report.message, report.code)
      onReport(report)
    } else if (message.kind === 'taken') {
      queued -= message.events
      tick(message.events)
      for (const go of room.splice(0)) go()
    } else {
      const waiting = answers.get(message.number)
      answers.delete(message.number)
      if (message.kind === 'answer') waiting?.resolve(message.answer as never)
      else waiting?.reject(failureFrom(message.code, message.message))
    }
  }

  worker.on('message', receive)
  worker.on('error', (cause) => fail(`the trainer's thread ended: ${cause.stack ?? cause.message}`))
  worker.on('exit', (code) => {
    const ended = `the trainer's thread ended with exit code ${code}`
    if (closing) refuseAll(failureFrom('TRAINER_FAILED', ended))
    else fail(ended)
  })

  // Arrays are copied: to transfer one would detach its buffer, and then V8 asks at every access to any typed array of
  // this thread whether that is still there.
  function post(message: ToTrainer): void {
    if (failure !== undefined) throw failure
    worker.postMessage(message)
  }

  async function take(batch: TrainerBatch, onWait?: () => void): Promise<void> {
    while (queued >= config.queueEventsMax && failure === undefined) {
      await new Promise<void>((go) => {
        room.push(go)
      })
      onWait?.()
    }
    const left = batch.users.length
    queued += left
    if (left > 0) away.push({ left, readMs: batch.readMs })
    post({ kind: 'take', batch })
  }

  function request<T>(make: (number: number) => ToTrainer): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (failure !== undefined) {
        reject(failure)
        return
      }
      number++
      answers.set(number, { resolve, reject })
      post(make(number))
    })
  }

  return {
    failed,
    offer(batch, onWait) {
      // One after the other: new names are numbered in the order of the calls.
      const offered = line.then(() => take(batch, onWait))
      line = offered.catch(() => undefined)
      return offered
    },
    drain: () => request<void>((id) => ({ kind: 'drain', number: id })),
    checkpoint: () => request<number>((id) => ({ kind: 'checkpoint', number: id })),
    rollBack: (eventsMax) => request((id) => ({ kind: 'rollBack', number: id, eventsMax })),
    relist: (users) => request<void>((id) => ({ kind: 'relist', number: id, users })),
    ask: (question) => request((id) => ({ kind: 'ask', number: id, question })),
    async close() {
      closing = true
      if (failure === undefined) await request<void>((id) => ({ kind: 'close', number: id }))
      await worker.terminate()
    },
  }
}
