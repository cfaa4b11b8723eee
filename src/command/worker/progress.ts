// One line that lives while the worker runs, in a terminal; nothing elsewhere (the log tells there).

import type { TrainerStats } from '../../messages.ts'
import type { Io } from '../io.ts'
import { grouped } from '../summary.ts'

const redrawMs = 200
const barWidth = 18

export interface Progress {
  /** Records handled so far, of `total` where that is known. */
  records(count: number): void
  stats(stats: TrainerStats): void
  /** Takes the line away. */
  end(): void
}

export function createProgress(io: Io, total: number | undefined): Progress {
  if (io.stderr.isTTY !== true) return { records() {}, stats() {}, end() {} }
  let seen = 0
  let latest: TrainerStats | undefined
  let drawnMs = Number.NEGATIVE_INFINITY
  let before = { ms: io.elapsedMs(), seen: 0, triplets: 0 }
  let rates = { events: 0, triplets: 0 }

  function draw(): void {
    const now = io.elapsedMs()
    if (now - drawnMs < redrawMs) return
    drawnMs = now
    const seconds = (now - before.ms) / 1000
    if (seconds >= 1) {
      const triplets = latest?.triplets ?? 0
      rates = {
        events: (seen - before.seen) / seconds,
        triplets: (triplets - before.triplets) / seconds,
      }
      before = { ms: now, seen, triplets }
    }
    const line = [bar(seen, total), speeds(rates), quality(latest)].join('  ')
    io.stderr.write(`\r${line.slice(0, (io.stderr.columns ?? 100) - 1)}\u001b[K`)
  }

  return {
    records(count) {
      seen += count
      draw()
    },
    stats(stats) {
      latest = stats
      draw()
    },
    end: () => void io.stderr.write('\r\u001b[K'),
  }
}

function bar(seen: number, total: number | undefined): string {
  if (total === undefined || total === 0) return `${grouped(seen)} events`
  const share = Math.min(1, seen / total)
  const full = Math.round(share * barWidth)
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${(100 * share).toFixed(0).padStart(3)} %`
}

function speeds({ events, triplets }: { events: number; triplets: number }): string {
  return `${grouped(Math.round(events))} events/s  ${grouped(Math.round(triplets))} triplets/s`
}

function quality(stats: TrainerStats | undefined): string {
  if (stats === undefined) return ''
  const { model, popularity } = stats.quality.window
  if (model === undefined || popularity === undefined || model.events === 0) return ''
  const [ours, theirs] = [model.hits / model.events, popularity.hits / popularity.events]
  return `loss ${stats.loss.toFixed(3)}  HR@10 ${ours.toFixed(3)} (popularity ${theirs.toFixed(3)})`
}
