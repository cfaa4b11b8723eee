// Where the trainer's reports go besides the watching: lists to the publisher, settled positions to the source behind
// the lists, news to the log.

import type { TrainerReport } from '../messages.ts'
import type { Logger } from '../ports/logger.ts'
import type { Publisher } from '../publish/publish.ts'
import type { Later } from './publishing.ts'

export interface RouteParts {
  readonly publisher: Publisher
  readonly logger: Logger
  /** All is there once it is opened. */
  readonly later: Readonly<Later>
}

export function route(report: TrainerReport, { publisher, logger, later }: RouteParts): void {
  if (report.kind === 'lists') publisher.lists(report.lists)
  else if (report.kind === 'forgotten') publisher.forgotten(report.users, report.modelVersion)
  else if (report.kind === 'settled') {
    // While lists are held back, what follows from the input is not written.
    if (later.gate?.open === false) return
    // Said before the trainer heard of the newest tenure, in which records come again.
    if (later.takeOver?.owns(report.modelVersion) === false) return
    publisher.afterWritten(() => later.source?.settle?.(report.positions))
  } else if (report.kind === 'engine') {
    logger.info('the engine is ready', { engine: report.name, note: report.note })
  } else if (report.kind === 'checkpoint') {
    const { generation, bytes, ms } = report
    logger.info('a checkpoint was written', { generation, bytes, ms: Math.round(ms) })
  } else if (report.kind === 'checkpointFailed') {
    logger.repeated(report.code, report.message, { what: 'writing a checkpoint' })
  }
}
