// Where the trainer's reports go: lists to the publisher, figures to the monitor and the gate, safe positions to the
// source once the lists before them are written, news to the log.

import type { OwedKeeper } from '../app/owed-lists.ts'
import type { RetentionWatch } from '../app/updates/retention.ts'
import type { TrainerReport } from '../messages.ts'
import type { Monitor } from '../monitor/monitor.ts'
import type { EventSource } from '../ports/event-source.ts'
import type { Logger } from '../ports/logger.ts'
import type { GateKeeper } from '../publish/gate-keeper.ts'
import type { Ownership } from '../publish/ownership.ts'
import type { Publisher } from '../publish/publish.ts'
import type { Ids } from '../remember/ids.ts'

export interface ReportReaders {
  readonly publisher: Publisher
  readonly source: EventSource
  /** Absent: nobody keeps who is owed a list. */
  readonly owed: Pick<OwedKeeper, 'told' | 'forgotten'> | undefined
  /** Absent: nothing is shared. */
  readonly retention: Pick<RetentionWatch, 'saved'> | undefined
  readonly ownership: Ownership
  readonly gate: GateKeeper
  readonly monitor: Monitor
  readonly logger: Logger
  readonly ids: { readonly users: Ids; readonly items: Ids }
}

export function deliverReport(report: TrainerReport, readers: ReportReaders): void {
  const { publisher, gate, monitor, logger, ids } = readers
  switch (report.kind) {
    case 'engine':
      logger.info('the engine is ready', { engine: report.name, note: report.note })
      monitor.onEngine(report.name)
      return
    case 'lists':
      publisher.lists(report.lists, report.evictions)
      return
    case 'forgotten':
      readers.owed?.forgotten(
        Array.from(report.users, (user, k) => ids.users.name(user, report.evictions?.[k])),
      )
      publisher.forgotten(report.users, report.modelVersion, report.evictions)
      return
    case 'stats':
      // Reports come in order: none that follows is older.
      ids.users.dropFormerNames(report.stats.evictions?.users ?? 0)
      ids.items.dropFormerNames(report.stats.evictions?.items ?? 0)
      monitor.onStats(report.stats)
      gate.report(report.stats)
      return
    case 'safeToCommit':
      deliverSafe(report, readers)
      return
    case 'checkpoint': {
      const { generation, bytes, size, updatesNext } = report
      const [ms, pauseMs] = [Math.round(report.ms), Math.round(report.pauseMs)]
      logger.info('a checkpoint was written', { generation, bytes, size, ms, pauseMs })
      monitor.onCheckpoint(report)
      if (updatesNext !== undefined) readers.retention?.saved(updatesNext)
      return
    }
    case 'checkpointCurrent':
      monitor.onCheckpointCurrent()
      return
    case 'checkpointFailed':
      logger.repeated(report.code, report.message, { what: 'writing a checkpoint' })
      monitor.onCheckpointFailed(report.code)
      return
    case 'failed':
      // Who waits for the trainer is told by `trainer.failed`.
      return
    default:
      report satisfies never
  }
}

/** Said before the trainer heard of the newest assignment, its records come again. */
function deliverSafe(
  { positions, modelVersion, owed: lists = [], evictions }: SafeToCommit,
  { publisher, source, ownership, owed }: ReportReaders,
): void {
  const isCurrent = ownership.mayCommit(modelVersion)
  const commit = (written?: () => void): void => {
    if (!ownership.mayCommit(modelVersion)) return
    publisher.afterWritten(() => {
      source.safeToCommit?.(positions)
      written?.()
    })
  }
  if (owed === undefined) commit()
  else owed.told({ lists, evictions, isCurrent }, commit)
}

type SafeToCommit = Extract<TrainerReport, { kind: 'safeToCommit' }>

/** Keeps the first reports of a trainer, which come while those who read them are still being made. */
export function createMailbox() {
  let early: TrainerReport[] = []
  let deliver = (report: TrainerReport): void => void early.push(report)
  return {
    put: (report: TrainerReport): void => deliver(report),
    /** What has come so far, and from here on everything at once, goes to the reader. */
    open(reader: (report: TrainerReport) => void): void {
      for (const report of early) reader(report)
      early = []
      deliver = reader
    },
  }
}
