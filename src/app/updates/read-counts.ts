// What is told of records of the update log that were read: numbers for the metrics, and a line where one is not as it
// should be.

import type { Logger } from '../../ports/logger.ts'
import type { LoggedRecord } from '../../ports/update-log.ts'
import type { GroupState } from '../../requests.ts'

/** What was read since the last time. */
export interface ReadCounts {
  /** This start of this worker. */
  readonly author: string
  readonly records: number
  readonly bytes: number
  /** By reason, records of which nothing counts; `other_model`: of which not all does. */
  readonly passedOver: Readonly<Record<string, number>>
  /** Who has appended them. */
  readonly authors: ReadonlySet<string>
  /** Items of them that found no number here. */
  readonly unknownItems: number
  /** Records that the log has and that were not read yet. */
  readonly behind: number
  /** Of what stood in the log when the reading began, the share that was read. */
  readonly share: number
}

export type Counted = Omit<ReadCounts, 'author' | 'share' | 'behind'>

export const nothing: Counted = {
  ...{ records: 0, bytes: 0, unknownItems: 0, passedOver: {}, authors: new Set() },
}

export function countsOf(
  records: readonly LoggedRecord[],
  { verdicts }: GroupState,
): Omit<Counted, 'unknownItems'> {
  const passedOver: Record<string, number> = {}
  for (const { passedOver: all, foreign } of verdicts) {
    const why = foreign === undefined ? all : 'other_model'
    if (why !== undefined) passedOver[why] = (passedOver[why] ?? 0) + 1
  }
  const readable = verdicts.filter(({ passedOver: why }) => why !== 'unreadable')
  return {
    records: records.length,
    bytes: records.reduce((sum, { value }) => sum + value.length, 0),
    passedOver,
    authors: new Set(readable.map(({ author }) => author)),
  }
}

/** All readers pass over it alike. */
export function tellUnreadable(logger: Logger, offset: number, detail: string | undefined): void {
  const message =
    'a record of the update log cannot be read and is skipped: does another program write to the topic?'
  logger.repeated('update', message, { offset, detail })
}

export function tellForeign(
  logger: Logger,
  offset: number,
  author: string,
  tables: readonly string[],
): void {
  const message =
    'a worker of the group learns with other settings of the model: its changes of tables that do not exist here, ' +
    'or have rows of another size, are left out. Give all workers the same --parts, --model, --tower, --factors, ' +
    '--depth and --effort'
  logger.repeated('foreign', message, { author, offset, tables: tables.join(' ') })
}
