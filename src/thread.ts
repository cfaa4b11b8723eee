// The entry of the trainer's thread: which engine, which checkpoint store, and the loop between messages.

import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { createDiskCheckpointStore } from './adapters/disk/checkpoint-store.ts'
import { reviveTexts } from './adapters/disk/text-columns.ts'
import { createCollector } from './adapters/thread/collect-garbage.ts'
import type { ThreadStart } from './adapters/thread/trainer.ts'
import type { FromTrainer, ToTrainer } from './requests.ts'
import { releaseCheckpoint } from './trainer/checkpoint/saved-parts.ts'
import { createDriver } from './trainer/loop/driver.ts'
import { startLoop, told } from './trainer/loop/loop.ts'
import { openEngine } from './worker/engine.ts'

/** Of a checkpoint that is restored: less is not worth the time. */
const collectedBytes = 32 * 1024 * 1024

const port = parentPort
if (port === null) throw new Error('this file is the entry of a worker thread')
const start = workerData as ThreadStart
const { config } = start
if (start.resume !== undefined) reviveTexts(start.resume.texts)

function post(message: FromTrainer): void {
  port?.postMessage(message)
}

async function begin(from: MessagePort): Promise<void> {
  const { engine, note } = await openEngine(config)
  post({ kind: 'report', report: { kind: 'engine', name: engine.name, note } })
  const driver = createDriver({
    ...start,
    onTakenOut: createCollector(collectedBytes),
    engine,
    checkpoints: createDiskCheckpointStore({
      directory: config.checkpoints,
      kept: config.checkpointsKept,
      bytesMax: config.checkpointBytesMax,
    }),
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    report: (report) => post({ kind: 'report', report }),
  })
  // The data that a thread was started with lives as long as the thread.
  if (start.resume !== undefined) releaseCheckpoint(start.resume)
  const receive = startLoop({
    driver,
    post,
    later: (ms, then) => {
      if (ms > 0) {
        const timer = setTimeout(then, ms)
        return () => clearTimeout(timer)
      }
      const immediate = setImmediate(then)
      return () => clearImmediate(immediate)
    },
    poll: () => receiveMessageOnPort(from)?.message as ToTrainer | undefined,
    nowMs: () => performance.now(),
    onClosed() {
      from.close()
      void engine.close?.()
    },
  })
  from.on('message', (message: ToTrainer) => receive(message))
}

await begin(port).catch((cause) => {
  post({ kind: 'report', report: { kind: 'failed', ...told(cause) } })
})
