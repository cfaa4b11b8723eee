// The progress of a replay on stderr: a bar that overwrites itself in a terminal, a line of text every ten seconds
// elsewhere.

import type { Io } from '../../io.ts'
import type { ReplayResult } from '../../lab/stream/replay.ts'
import { shareText } from '../../measure/metrics.ts'

const barWidth = 24
const redrawMs = 200
const lineMs = 10_000
const eraseLine = '\r\u001b[K'

export interface ReplayProgress {
  events(name: string, done: number, total: number): void
  /** The main figures of a replay that has ended. */
  result(name: string, result: Pick<ReplayResult, 'quality' | 'seconds'>): void
  close(): void
}

export function createReplayProgress({
  stderr,
  elapsedMs,
}: Pick<Io, 'stderr' | 'elapsedMs'>): ReplayProgress {
  const isTerminal = stderr.isTTY === true
  let drawnAtMs = elapsedMs()
  return {
    events(name, done, total) {
      const now = elapsedMs()
      if (now - drawnAtMs < (isTerminal ? redrawMs : lineMs)) return
      drawnAtMs = now
      if (!isTerminal) {
        stderr.write(`${name}: ${done} of ${total} events\n`)
        return
      }
      const filled = Math.round((barWidth * done) / total)
      const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
      stderr.write(`${eraseLine}${name} ${bar} ${done}/${total}`)
    },
    result(name, { quality, seconds }) {
      const { all, last30 } = quality.model!
      const figures = `HR@10 ${shareText(all.hr10)}, of the last 30 % ${shareText(last30.hr10)}`
      stderr.write(`${isTerminal ? eraseLine : ''}${name}: ${figures}, ${seconds.toFixed(0)} s\n`)
    },
    close: () => void (isTerminal && stderr.write(eraseLine)),
  }
}
