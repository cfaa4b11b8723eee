// `prequential --workers 1,2,4`: what it does to the quality to divide a stream among a group of workers.

import type { Config } from '../../config.ts'
import { type Io, yieldToEventLoop } from '../../io.ts'
import type { Arrivals } from '../../lab/stream/arrivals.ts'
import { type GroupResult, replayGroup } from '../../lab/stream/group.ts'
import type { Span } from '../../lab/stream/tally.ts'
import { shareText } from '../../measure/metrics.ts'
import type { Engine } from '../../ports/engine.ts'
import type { FlagReader } from '../flag-reader.ts'
import { tableText } from '../table-text.ts'
import { createReplayProgress } from './progress.ts'

export interface WorkersFlags {
  readonly workers: string
  readonly shareEvents: string
  readonly updateNumbers: string
}

export interface GroupsWanted {
  readonly workers: readonly number[]
  readonly shareEvents: number
  readonly numbersMax: number
}

/** One element of the array that --json prints. */
export interface GroupsResult extends GroupResult {
  readonly data: string
  readonly seed: number
}

export function readGroups(flags: WorkersFlags, flag: FlagReader): GroupsWanted {
  return {
    workers: flag.wholes('workers', flags.workers, 1, 64),
    shareEvents: flag.whole('share-events', flags.shareEvents, 0, 1e9),
    numbersMax: flag.whole('update-numbers', flags.updateNumbers, 1, 1e9),
  }
}

/** The results of all groups, or of those that were done when the process was told to stop. */
export async function replayGroups(
  arrivals: Arrivals,
  { workers, ...wanted }: GroupsWanted,
  { config, data }: { readonly config: Config; readonly data: string },
  openEngine: () => Promise<Engine>,
  io: Io,
): Promise<GroupsResult[]> {
  const progress = createReplayProgress(io)
  const results: GroupsResult[] = []
  try {
    for (const count of workers) {
      const name = count === 1 ? '1 worker' : `${count} workers`
      const from = io.elapsedMs()
      const result = await replayGroup(arrivals, {
        ...{ config, workers: count, processorMs: io.processorMs, ...wanted },
        engine: await openEngine(),
        onPause(done) {
          progress.events(name, done, arrivals.count)
          return yieldToEventLoop(io.stop)
        },
      })
      results.push({ data, seed: config.seed, ...result })
      progress.result(name, { ...result, seconds: (io.elapsedMs() - from) / 1e3 })
    }
  } catch (cause) {
    if (!io.stop.aborted) throw cause
  }
  progress.close()
  return results
}

const shown: readonly (readonly [Span, string])[] = [
  ['all', 'all'],
  ['last30', 'last 30 %'],
  ['cold', 'cold users'],
]

export function groupsTable(results: readonly GroupsResult[]): string {
  const head = ['workers', ...shown.map(([, title]) => title), 'bytes', 'µs', 'of that sharing']
  const rows = results.map(({ workers, quality, bytesPerEvent, cost }) => [
    String(workers),
    ...shown.map(([span]) => {
      const { hr10, ndcg10 } = quality.model![span]
      return `${shareText(hr10)} / ${shareText(ndcg10)}`
    }),
    ...[bytesPerEvent, cost.event, cost.sharing].map((value) => value.toFixed(0)),
  ])
  const title = 'HR@10 / NDCG@10 among 100 others; bytes of updates and processor time an event'
  return [`${results[0]?.data ?? ''}: ${title}`, '', tableText(head, rows)].join('\n')
}
