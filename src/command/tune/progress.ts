// How far a grid is: the trial in hand, what came of each that is finished, how long the rest takes if it goes on
// as it went so far.

import type { Io } from '../../worker/io.ts'
import { createPlayProgress } from '../prequential/progress.ts'
import type { Trial } from './results.ts'

export interface TuneProgress {
  events(name: string, done: number, total: number): void
  finished(name: string, trial: Trial): void
  close(): void
}

/** `missing` of `all` trials are to be played. */
export function createTuneProgress(
  io: Pick<Io, 'stderr' | 'elapsedMs'>,
  all: number,
  missing: number,
): TuneProgress {
  const bar = createPlayProgress(io)
  const from = io.elapsedMs()
  let done = 0
  io.stderr.write(`${all} trials, ${all - missing} of them finished before\n`)
  return {
    events: bar.events,
    finished(name, { middle: { hr10, ndcg10 } }) {
      bar.close()
      done++
      const minutes = Math.ceil(((io.elapsedMs() - from) / done / 60_000) * (missing - done))
      const quality = `${hr10.toFixed(4)} / ${ndcg10.toFixed(4)}`
      io.stderr.write(`${done} of ${missing}: ${name}: ${quality}, ${minutes} minutes to go\n`)
    },
    close: bar.close,
  }
}
