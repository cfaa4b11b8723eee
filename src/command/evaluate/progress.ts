// The progress of an evaluation: a bar that overwrites itself in a terminal, lines of JSON elsewhere.

import type { Writable } from 'node:stream'
import type { EpochReport, OfflineResult } from '../../lab/offline/run.ts'
import { shareText } from '../../measure/metrics.ts'

export interface Progress {
  say(text: string): void
  epoch(report: EpochReport): void
  result(result: OfflineResult): void
  /** Leaves the cursor on a line of its own. */
  close(): void
}

const barWidth = 24
const eraseLine = '\r\u001b[K'

export function createProgress(
  out: Writable & { readonly isTTY?: boolean; readonly columns?: number },
): Progress {
  const isTerminal = out.isTTY === true
  const line = (data: object): void => void out.write(`${JSON.stringify(data)}\n`)
  return {
    say: (text) => void out.write(isTerminal ? `${eraseLine}${text}\n` : `${text}\n`),
    epoch(report) {
      if (!isTerminal) {
        line(report)
        return
      }
      const { model, factors, seed, epoch, epochs, loss, validationHr10 } = report
      const done = Math.round((barWidth * epoch) / epochs)
      const bar = '█'.repeat(done) + '░'.repeat(barWidth - done)
      const judged =
        validationHr10 === undefined ? '' : `  validation HR@10 ${shareText(validationHr10)}`
      const name = `${model} f=${factors} seed ${seed}`
      const text = `${name} ${bar} ${epoch}/${epochs}  loss ${loss.toFixed(4)}${judged}`
      out.write(eraseLine + text.slice(0, (out.columns ?? 120) - 1))
    },
    result(result) {
      if (!isTerminal) {
        // Written at once, so that a long run which is cut short has not been for nothing.
        line({ result })
        return
      }
      const { model, factors, validationInHistory, sampled, full, seconds } = result
      const size = factors === null ? '' : ` f=${factors}`
      const known = validationInHistory ? ', validation item known' : ''
      const figures = `HR@10 ${shareText(sampled.hr10)} NDCG@10 ${shareText(sampled.ndcg10)}`
      out.write(`${eraseLine}${model}${size}${known}: ${figures}`)
      out.write(`, full ${shareText(full.hr10)}, ${seconds.toFixed(0)} s\n`)
    },
    close: () => void (isTerminal && out.write(eraseLine)),
  }
}
