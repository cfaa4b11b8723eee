// A worker of the live benchmarks: started on a scene, looked at through its metrics, stopped.

import { setTimeout as delay } from 'node:timers/promises'
import type { Scene } from '../../e2e/scene.ts'
import { startWorker, type WorkerProcess } from '../../e2e/worker-process.ts'
import { freePort } from '../../servers/ports.ts'
import { type Gauges, readGauges } from './gauges.ts'

export const seed = 7
const pollMs = 250
const triesMax = 20

export interface LiveWorker {
  readonly pid: number
  /** Looks at the metrics until `done`, and returns the last look. */
  until(
    done: (gauges: Gauges) => Promise<boolean>,
    say: (line: string) => void,
    everyMs?: number,
  ): Promise<Gauges>
  stop(): Promise<void>
}

export async function startLive(
  scene: Scene,
  name: string,
  more: readonly string[] = [],
): Promise<LiveWorker> {
  const port = await freePort()
  const env = scene.env(name, { NEUPR_HTTP_PORT: String(port), NEUPR_SEED: String(seed) })
  const worker = startWorker([...scene.args, ...more], env)
  await worker.said('joined the consumer group')
  return {
    pid: worker.pid,
    async until(done, say, everyMs = pollMs) {
      let told = performance.now()
      for (;;) {
        const gauges = await orEnded(worker, patiently(port))
        if (await done(gauges)) return gauges
        if (performance.now() - told > 10_000) {
          told = performance.now()
          say(`live: ${JSON.stringify(gauges)}`)
        }
        await delay(everyMs)
      }
    },
    async stop() {
      worker.signal('SIGTERM')
      const code = await worker.ended
      if (code !== 0) throw new Error(`ended with ${code}:\n${worker.lines.slice(-5).join('\n')}`)
    },
  }
}

/** On a busy machine a worker may not answer in time. */
async function patiently(port: number): Promise<Gauges> {
  for (let tries = 1; ; tries++) {
    try {
      return await readGauges(port)
    } catch (cause) {
      if (tries === triesMax) throw cause
      await delay(pollMs)
    }
  }
}

/** @throws Error with the worker's last words when it ends in between. */
async function orEnded<T>(worker: WorkerProcess, work: Promise<T>): Promise<T> {
  const ended = worker.ended.then((code) => {
    throw new Error(`the worker ended with ${code}:\n${worker.lines.slice(-8).join('\n')}`)
  })
  return Promise.race([work, ended])
}
