// How the run goes: in a terminal one line that lives, elsewhere a line of the log every ten seconds.

import type { Io } from '../io.ts'
import type { QualitySums, TrainerStats } from '../messages.ts'
import type { Logger } from '../ports/logger.ts'
import type { WorkerOptions } from './options.ts'
import { grouped } from './summary.ts'

const redrawMs = 200
/** Wide enough for what stands beside the bar; what is over makes the bar longer. */
const besideColumns = 72
const barWidths = { least: 6, most: 24 }
const logEveryMs = 10_000

interface ProgressLine {
  /** `count` more records were handled. */
  records(count: number): void
  stats(stats: TrainerStats): void
  /** Takes the line away. */
  end(): void
}

export interface Progress extends ProgressLine {
  /** Shows the batches and the reports of a worker: to be handed to it. */
  readonly ofWorker: Required<Pick<WorkerOptions, 'onBatch' | 'onReport'>>
}

/** `total`: records to come, where that is known. */
export function createProgress(io: Io, logger: Logger, total: number | undefined): Progress {
  const line = io.stderr.isTTY === true ? createBar(io, total) : createLines(io, logger)
  return {
    ...line,
    ofWorker: {
      onBatch: ({ consumed }) => line.records(consumed),
      onReport(report) {
        if (report.kind === 'stats') line.stats(report.stats)
      },
    },
  }
}

function createLines(io: Io, logger: Logger): ProgressLine {
  const startedMs = io.elapsedMs()
  let records = 0
  /** As of the line before; what a checkpoint had learned is not of this run. */
  let before: { ms: number; done: number; triplets: number } | undefined
  return {
    records: (count) => {
      records += count
    },
    stats(stats) {
      const ms = io.elapsedMs()
      before ??= { ms: startedMs, done: 0, triplets: stats.triplets }
      const seconds = (ms - before.ms) / 1000
      if (seconds * 1000 < logEveryMs) return
      const { model, popularity } = stats.quality.window
      const done = doneOf(records, stats)
      logger.info('learning', {
        events: stats.events,
        eventsPerSecond: Math.round((done - before.done) / seconds),
        tripletsPerSecond: Math.round((stats.triplets - before.triplets) / seconds),
        loss: rounded(stats.loss),
        hr10: rounded(hitRatio(model)),
        popularityHr10: rounded(hitRatio(popularity)),
        queued: stats.queuedEvents,
        lists: stats.listsRanked - stats.listsUnchanged,
      })
      before = { ms, done, triplets: stats.triplets }
    },
    end() {
      // The summary and the last checkpoint have lines of their own.
    },
  }
}

/** What only waits for the trainer is not done. */
function doneOf(records: number, stats: TrainerStats | undefined): number {
  return Math.max(0, records - (stats?.queuedEvents ?? 0))
}

/** NaN where nothing was predicted yet, which the log shows as null. */
function hitRatio(sums: QualitySums | undefined): number {
  return sums === undefined || sums.events === 0 ? Number.NaN : sums.hits / sums.events
}

function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toFixed(4)) : null
}

function createBar(io: Io, total: number | undefined): ProgressLine {
  let seen = 0
  let latest: TrainerStats | undefined
  let drawnMs = Number.NEGATIVE_INFINITY
  let before = { ms: io.elapsedMs(), done: 0, triplets: 0 }
  let rates = { events: 0, triplets: 0 }

  function draw(): void {
    const now = io.elapsedMs()
    if (now - drawnMs < redrawMs) return
    drawnMs = now
    const seconds = (now - before.ms) / 1000
    const done = doneOf(seen, latest)
    if (seconds >= 1) {
      const triplets = latest?.triplets ?? before.triplets
      rates = {
        events: Math.max(0, done - before.done) / seconds,
        triplets: (triplets - before.triplets) / seconds,
      }
      before = { ms: now, done, triplets }
    }
    const columns = io.stderr.columns ?? 100
    const width = Math.min(barWidths.most, Math.max(barWidths.least, columns - besideColumns))
    const line = [bar(done, total, width), speeds(rates), quality(latest)].join('  ')
    io.stderr.write(`\r${line.slice(0, columns - 1)}\u001b[K`)
  }

  return {
    records(count) {
      seen += count
      draw()
    },
    stats(stats) {
      if (latest === undefined) before.triplets = stats.triplets
      latest = stats
      draw()
    },
    end: () => void io.stderr.write('\r\u001b[K'),
  }
}

function bar(seen: number, total: number | undefined, width: number): string {
  if (total === undefined || total === 0) return `${grouped(seen)} events`
  const share = Math.min(1, seen / total)
  const full = Math.round(share * width)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${(100 * share).toFixed(0).padStart(3)} %`
}

function speeds({ events, triplets }: { events: number; triplets: number }): string {
  const thousands = triplets < 1e4 ? (triplets / 1000).toFixed(1) : (triplets / 1000).toFixed(0)
  return `${grouped(Math.round(events))} ev/s  ${thousands}k triplets/s`
}

function quality(stats: TrainerStats | undefined): string {
  if (stats === undefined) return ''
  const { model, popularity } = stats.quality.window
  if (model === undefined || popularity === undefined || model.events === 0) return ''
  const [ours, theirs] = [hitRatio(model), hitRatio(popularity)]
  return `loss ${short(stats.loss)}  HR@10 ${short(ours)} (pop ${short(theirs)})`
}

/** .578: the leading zero says nothing, and a terminal may have 80 columns. */
function short(value: number): string {
  return value.toFixed(3).replace(/^0/, '')
}
