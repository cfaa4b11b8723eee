// Workers that are started again whenever they end, as a supervisor of services does it.

import { setTimeout as delay } from 'node:timers/promises'
import type { Scene } from '../e2e/scene.ts'
import { startWorker, type WorkerProcess } from '../e2e/worker-process.ts'

export interface WorkerSet {
  /** As in scene.env(). */
  readonly names: readonly string[]
  /** SIGKILL to one of them; resolves when it was started again. */
  killOne(which: number): Promise<void>
  /** SIGTERM to all; how each ended. */
  stop(): Promise<(number | string)[]>
  kill(): void
  /** Ends that were neither asked for nor caused by killOne(). */
  surprises(): string[]
  /** The last lines of all, for a failure. */
  words(): string
}

const pauseMs = 300
const wordsPerWorker = 25

export function keepWorkers(
  count: number,
  scene: Scene,
  env: Readonly<Record<string, string>>,
  heard?: (worker: number, line: string) => void,
): WorkerSet {
  const names = Array.from({ length: count }, (_, which) => `worker-${which}`)
  const members: WorkerProcess[] = []
  const strange: string[] = []
  /** Told when the worker of this place was started again. */
  const started: (() => void)[] = []
  let stopping = false

  async function keep(which: number): Promise<void> {
    while (!stopping) {
      const args = scene.env(names[which]!, env)
      const worker = startWorker(scene.args, args, (line) => heard?.(which, line))
      members[which] = worker
      started[which]?.()
      const end = await worker.ended
      if (!stopping && end !== 'SIGKILL')
        strange.push(`${end}: ${worker.lines.slice(-3).join('\n')}`)
      if (!stopping) await delay(pauseMs)
    }
  }

  const kept = names.map((_, which) => keep(which))
  return {
    names,
    async killOne(which) {
      const again = new Promise<void>((resolve) => {
        started[which] = resolve
      })
      members[which]?.signal('SIGKILL')
      await again
    },
    async stop() {
      // One that was just killed is on its way back.
      await delay(2 * pauseMs)
      await Promise.all(members.map((worker) => worker.said('joined the consumer group')))
      stopping = true
      for (const worker of members) worker.signal('SIGTERM')
      const ends = await Promise.all(members.map(({ ended }) => ended))
      await Promise.all(kept)
      return ends
    },
    kill() {
      stopping = true
      for (const worker of members) worker.signal('SIGKILL')
    },
    surprises: () => strange,
    words: () =>
      members.map(({ lines }) => lines.slice(-wordsPerWorker).join('\n')).join('\n---\n'),
  }
}
