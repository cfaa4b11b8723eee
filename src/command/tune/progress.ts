// The progress of a grid: the trial in hand, the result of each finished one, and how long the rest will take at the
// pace so far.

import type { Io } from '../../io.ts'
import { shareText } from '../../measure/metrics.ts'
import { createReplayProgress } from '../prequential/progress.ts'
import type { Trial } from './results.ts'

export interface TuneProgress {
  events(name: string, done: number, total: number): void
  finished(name: string, trial: Trial): void
  close(): void
}

/** `missing` of `all` trials are left. */
export function createTuneProgress(
  io: Pick<Io, 'stderr' | 'elapsedMs'>,
  all: number,
  missing: number,
): TuneProgress {
  const bar = createReplayProgress(io)
  const from = io.elapsedMs()
  let done = 0
  io.stderr.write(`${all} trials, ${all - missing} of them finished before\n`)
  return {
    events: bar.events,
    finished(name, { middle: { hr10, ndcg10 } }) {
      bar.close()
      done++
      const minutes = Math.ceil(((io.elapsedMs() - from) / done / 60_000) * (missing - done))
      const quality = `${shareText(hr10)} / ${shareText(ndcg10)}`
      io.stderr.write(`${done} of ${missing}: ${name}: ${quality}, ${minutes} minutes to go\n`)
    },
    close: bar.close,
  }
}
