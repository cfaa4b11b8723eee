// What a worker is started with: settings, the process around it, and who wants to hear what it does.

import type { KafkaSourceObserver } from '../adapters/kafka/source/options.ts'
import type { BatchOutcome } from '../app/parts.ts'
import type { Config } from '../config.ts'
import type { Failure } from '../errors.ts'
import type { Io } from '../io.ts'
import type { TrainerReport } from '../messages.ts'
import type { EventSource, GroupWatcher } from '../ports/event-source.ts'
import type { Logger } from '../ports/logger.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { Positions, TopList } from '../types.ts'
import type { Summary } from './summary.ts'

/** What a start depends on; the rest of the worker's options say what to do from there. */
export interface Start {
  readonly config: Config
  readonly logger: Logger
  /** Ignore the checkpoints that are there. */
  readonly fresh: boolean
  /** The positive store lost its past, and everything is read again from the earliest event. */
  readonly rebuilding?: boolean | undefined
  /** Instead of what the settings name. */
  readonly source?: EventSource
}

export interface WorkerOptions extends Start {
  readonly io: Io
  readonly stopAtEnd: boolean
  readonly onBatch?: (outcome: BatchOutcome) => void
  readonly onReport?: (report: TrainerReport) => void
  /** When all is done, while the trainer can still be asked. */
  readonly atEnd?: (trainer: Trainer) => Promise<void>
  /**
   * Called at the end where there is a status page: all but the page and the trainer that answers it is closed, and
   * both stay until this resolves. `page`: its address.
   */
  readonly stay?: (summary: Summary, page: string) => Promise<void>
  readonly onLists?: (lists: readonly TopList[]) => void
}

/** What a source is opened with. */
export interface Opening {
  readonly config: Config
  readonly io: Io
  readonly logger: Logger
  /** Where a file is to be read on. */
  readonly from: Positions
  /** What the checkpoint remembers of these files. */
  readonly marks?: ReadonlyMap<string, string>
  readonly stopAtEnd: boolean
  readonly observe?: KafkaSourceObserver
  readonly ownership?: GroupWatcher
  /** A source that has failed for good outside of any call. */
  readonly onFailed: (failure: Failure) => void
}
