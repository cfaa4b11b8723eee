// How far a stream is played: a bar that overwrites itself in a terminal, plain JSON lines elsewhere.

import type { Io } from '../../worker/io.ts'
import type { PrequentialResult } from './results.ts'

const barWidth = 24
const redrawMs = 200
const lineMs = 10_000
const eraseLine = '\r\u001b[K'

export interface PlayProgress {
  events(name: string, done: number, total: number): void
  /** A result is told at once: a long run that is cut short has not been for nothing. */
  result(result: PrequentialResult): void
  close(): void
}

export function createPlayProgress({
  stderr,
  elapsedMs,
}: Pick<Io, 'stderr' | 'elapsedMs'>): PlayProgress {
  const isTerminal = stderr.isTTY === true
  let told = elapsedMs()
  return {
    events(name, done, total) {
      const now = elapsedMs()
      if (now - told < (isTerminal ? redrawMs : lineMs)) return
      told = now
      if (!isTerminal) {
        stderr.write(`${JSON.stringify({ contestant: name, events: done, of: total })}\n`)
        return
      }
      const filled = Math.round((barWidth * done) / total)
      const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
      stderr.write(`${eraseLine}${name} ${bar} ${done}/${total}`)
    },
    result(result) {
      stderr.write(isTerminal ? eraseLine : `${JSON.stringify({ result })}\n`)
    },
    close: () => void (isTerminal && stderr.write(eraseLine)),
  }
}
