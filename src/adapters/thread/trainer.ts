// The trainer in a worker thread: the main side keeps its event loop for I/O. Batches are copied to the thread, and the
// number of events that it has not worked on yet is bounded.

import { Worker } from 'node:worker_threads'
import type { Config } from '../../config.ts'
import { type Failure, failureFrom } from '../../errors.ts'
import type { TrainerBatch, TrainerReport } from '../../messages.ts'
import type { Checkpoint } from '../../ports/checkpoint-store.ts'
import type { StoreReading, Trainer } from '../../ports/trainer.ts'
import type { FromTrainer, GroupSpec, GroupState, ToTrainer } from '../../requests.ts'
import { createQueuedBatches } from './queued-batches.ts'
import { createRequests } from './requests.ts'

/** What the thread needs to build its side; posted, so plain data. */
export interface ThreadStart {
  readonly config: Config
  readonly resume: Checkpoint | undefined
  readonly nextGeneration: number
  readonly versionBase: number | undefined
  readonly storeReading?: StoreReading | undefined
  readonly keepsOwed?: boolean | undefined
  readonly group?: GroupSpec | undefined
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

/** The thread has all of the checkpoint, most of it copied, before this returns; nothing here holds it after that. */
export function createTrainerThread(options: ThreadOptions): Trainer {
  const { report: onReport, onLearned, onBeat } = options
  const worker = new Worker(options.entry, { workerData: startOf(options) })
  const requests = createRequests()
  const queued = createQueuedBatches(options.config.queueEventsMax, onLearned)
  let failure: Failure | undefined
  let tellFailed: (failure: Failure) => void = () => undefined
  const failed = new Promise<Failure>((resolve) => {
    tellFailed = resolve
  })
  let closing = false
  /** Those of one moment are posted together: to wake the thread takes longer than to copy what few events tell. */
  let batches: TrainerBatch[] = []
  let line: Promise<void> = Promise.resolve()

  function fail(message: string, code = 'TRAINER_FAILED'): void {
    failure ??= failureFrom(code, message)
    tellFailed(failure)
    requests.refuseAll(failure)
    queued.release()
  }

  worker.on('message', (message: FromTrainer) => {
    onBeat?.()
    if (message.kind === 'taken') queued.done(message.events)
    else if (message.kind !== 'report') requests.receive(message)
    else {
      const { report } = message
      if (report.kind === 'failed') fail(report.message, report.code)
      onReport(report)
    }
  })
  worker.on('error', (cause) => fail(`the trainer's thread ended: ${cause.stack ?? cause.message}`))
  worker.on('exit', (code) => {
    const ended = `the trainer's thread ended with exit code ${code}`
    if (closing) requests.refuseAll(failureFrom('TRAINER_FAILED', ended))
    else fail(ended)
  })

  // Arrays are copied: to transfer one would detach its buffer, and then V8 asks at every access to any typed array of
  // this thread whether that is still there.
  function post(message: ToTrainer): void {
    if (failure !== undefined) throw failure
    flush()
    worker.postMessage(message)
  }

  function flush(): void {
    const some = batches
    batches = []
    if (some.length > 0 && failure === undefined) {
      worker.postMessage({ kind: 'take', batches: some } satisfies ToTrainer)
    }
  }

  async function take(batch: TrainerBatch, onWait?: () => void): Promise<void> {
    await queued.room(batch, onWait)
    if (failure !== undefined) throw failure
    queued.add(batch)
    if (batches.push(batch) === 1) setImmediate(flush)
  }

  /** One after the other: new names are numbered in the order of the calls. */
  function inLine<T>(post: () => Promise<T>): Promise<T> {
    const posted = line.then(post)
    line = posted.then(
      () => undefined,
      () => undefined,
    )
    return posted
  }

  function request<T>(make: (number: number) => ToTrainer): Promise<T> {
    return requests.ask<T>((number) => post(make(number)))
  }

  return {
    failed,
    offer: (batch, onWait) => inLine(() => take(batch, onWait)),
    waiting: queued.waiting,
    ...callsOf(request),
    group: {
      async read(batch) {
        let answer: Promise<GroupState> | undefined
        await inLine(async () => {
          // A view is posted with all that lies behind it, such as a whole answer of Kafka.
          const records = batch.records.map((one) => ({ ...one, bytes: new Uint8Array(one.bytes) }))
          const own = { ...batch, records }
          answer = request<GroupState>((id) => ({ kind: 'readUpdates', number: id, batch: own }))
          answer.catch(() => undefined)
        })
        return answer!
      },
      take: (releases = false) => {
        return request((id) => ({ kind: 'takeUpdate', number: id, releases }))
      },
      claim: (streams) => request((id) => ({ kind: 'claimStreams', number: id, streams })),
    },
    async close() {
      closing = true
      if (failure === undefined) await request<void>((id) => ({ kind: 'close', number: id }))
      await worker.terminate()
    },
  }
}

type Request = <T>(make: (number: number) => ToTrainer) => Promise<T>

function callsOf(
  request: Request,
): Omit<Trainer, 'failed' | 'offer' | 'waiting' | 'group' | 'close'> {
  return {
    drain: () => request<void>((id) => ({ kind: 'drain', number: id })),
    checkpoint: () => request<number>((id) => ({ kind: 'checkpoint', number: id })),
    rollBack: (eventsMax) => request((id) => ({ kind: 'rollBack', number: id, eventsMax })),
    relist: (users) => request<void>((id) => ({ kind: 'relist', number: id, users })),
    ask: (question) => request((id) => ({ kind: 'ask', number: id, question })),
    items: (told) => request((id) => ({ kind: 'items', number: id, told })),
    freeze: () => request<void>((id) => ({ kind: 'freeze', number: id })),
  }
}

/** Without the callbacks, which cannot be posted. */
function startOf(options: ThreadOptions): ThreadStart {
  const { config, resume, nextGeneration, versionBase, storeReading, keepsOwed, group } = options
  return { config, resume, nextGeneration, versionBase, storeReading, keepsOwed, group }
}
